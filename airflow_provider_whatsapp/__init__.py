"""Airflow provider for the WhatsApp Business Cloud API, through the Maton gateway."""

__version__ = "0.1.0"
