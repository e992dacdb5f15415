"""
The business's own phone numbers.

https://developers.facebook.com/docs/whatsapp/business-management-api/manage-phone-numbers
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from airflow_provider_whatsapp.client.api import Api
from airflow_provider_whatsapp.client.http.calls import Call
from airflow_provider_whatsapp.client.resources.pagination import Page, paginate
from airflow_provider_whatsapp.models.phone_numbers import BusinessPhoneNumber

# An older API version may not know all of them. It rejects the call and names the field: then pass ``fields``.
FIELDS = (
    "id",
    "display_phone_number",
    "verified_name",
    "name_status",
    "code_verification_status",
    "quality_rating",
    "status",
    "throughput",
    "whatsapp_business_manager_messaging_limit",
    "account_mode",
    "platform_type",
    "is_official_business_account",
    "health_status",
)


class PhoneNumbers:
    """``/{business_account_id}/phone_numbers`` and ``/{phone_number_id}``."""

    def __init__(self, api: Api) -> None:
        """Use ``api``."""
        self._api = api

    def list(
        self,
        *,
        fields: Sequence[str] = FIELDS,
        business_account_id: str | None = None,
        page_size: int = 100,
    ) -> Iterator[BusinessPhoneNumber]:
        """
        Yield every number of the account, page after page.

        :param fields: what to return of each.
        :param business_account_id: whose numbers, the account's default if absent.
        :param page_size: numbers a call.
        :raises NotFoundError: if there is no account of this id.
        """
        owner = self._api.config.business_account_id_of(business_account_id)

        def fetch(cursor: str | None) -> Page[BusinessPhoneNumber]:
            params: dict[str, str | int | None] = {
                "fields": ",".join(fields),
                "limit": page_size,
                "after": cursor,
            }
            call = Call(method="GET", path=f"{owner}/phone_numbers", params=params)
            return self._api.call(call, Page[BusinessPhoneNumber])

        return paginate(fetch)

    def get(
        self, phone_number_id: str | None = None, *, fields: Sequence[str] = FIELDS
    ) -> BusinessPhoneNumber:
        """
        Return one number with its name and quality, the account's default if no id is given.

        :param fields: what to return of it, see :class:`BusinessPhoneNumber`; ``health_status`` tells
            whether messages can be sent.
        :raises NotFoundError: if there is none of this id.
        """
        path = self._api.config.phone_number_id_of(phone_number_id)
        call = Call(method="GET", path=path, params={"fields": ",".join(fields)})
        return self._api.call(call, BusinessPhoneNumber)
