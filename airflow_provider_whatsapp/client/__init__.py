"""
A typed, synchronous client for the WhatsApp Business Cloud API through the Maton gateway.

It works without Airflow::

    from airflow_provider_whatsapp.client.client import WhatsAppClient
    from airflow_provider_whatsapp.client.config import ClientConfig

    client = WhatsAppClient(ClientConfig(api_key=…, phone_number_id=…, business_account_id=…))
    for template in client.templates.list():
        print(template.name, template.status)
"""
