"""What Airflow 3.3 and newer ask about a task that has failed."""
