"""The business's own phone numbers."""

from __future__ import annotations

from airflow_provider_whatsapp.client.account import phone_number_id_of
from airflow_provider_whatsapp.client.api import Api
from airflow_provider_whatsapp.client.protocol import Call
from airflow_provider_whatsapp.models.phone_numbers import BusinessPhoneNumber


class PhoneNumbers:
    """``/{phone_number_id}``."""

    def __init__(self, api: Api) -> None:
        """Use ``api``."""
        self._api = api

    def get(self, phone_number_id: str | None = None) -> BusinessPhoneNumber:
        """
        Return one number with its name and quality, the account's default if no id is given.

        :raises NotFoundError: if there is none of this id.

        https://developers.facebook.com/docs/whatsapp/business-management-api/manage-phone-numbers
        """
        path = phone_number_id_of(self._api.config, phone_number_id)
        params = {"fields": "id,display_phone_number,verified_name,quality_rating,status"}
        return self._api.call(Call(method="GET", path=path, params=params), BusinessPhoneNumber)
