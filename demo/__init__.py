"""The quickstart DAG on a real Airflow: `make demo`. The end-to-end tests start Airflow the same way."""
