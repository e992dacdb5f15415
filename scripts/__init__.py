"""Programs that write pages, check the words of the project, and start a real Airflow for demo and e2e tests."""
