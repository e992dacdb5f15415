"""What Meta refuses in messages about products of a catalog."""

from __future__ import annotations

from airflow_provider_whatsapp.sandbox.interactive_actions import check_section_title
from airflow_provider_whatsapp.sandbox.message_nodes import Node, not_valid

_MOST_PRODUCTS = 30


def check_product(action: Node) -> None:
    """Refuse a product that isn't named together with its catalog."""
    action.text("catalog_id")
    action.text("product_retailer_id")


def check_product_list(action: Node) -> None:
    """Refuse more than ten sections, and products without a catalog."""
    action.text("catalog_id")
    check_product_sections(action)


def check_product_sections(action: Node) -> None:
    """Refuse more than ten sections, or thirty products in all of them."""
    sections = action.nodes("sections", least=1, most=10)
    for section in sections:
        check_section_title(section, needed=len(sections) > 1)
    products = [product for section in sections for product in section.nodes("product_items", least=1)]
    if len(products) > _MOST_PRODUCTS:
        raise not_valid(f"{action.path}.sections have {len(products)} products; {_MOST_PRODUCTS} are allowed in all")
    for product in products:
        product.text("product_retailer_id")


def check_catalog(action: Node) -> None:
    """Refuse anything but a catalog; its picture may be that of a product."""
    action.choice("name", ("catalog_message",))
    parameters = action.optional_node("parameters")
    if parameters is not None:
        parameters.optional_text("thumbnail_product_retailer_id")
