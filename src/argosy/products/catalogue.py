"""The products that are built in, by name; extensions bring others, which are looked up beside them."""

from types import MappingProxyType

from argosy.core.extension import find, named
from argosy.products import classifier, columns, generator, opinion, recommend, support
from argosy.products.product import Product

PRODUCTS = MappingProxyType(
    {
        "classify": classifier.PRODUCT,
        "generate": generator.PRODUCT,
        "columns": columns.PRODUCT,
        "support": support.PRODUCT,
        "opinion": opinion.PRODUCT,
        "recommend": recommend.PRODUCT,
    }
)


def products() -> dict[str, Product]:
    """All products that are at hand."""
    return named("products", PRODUCTS)


def product_named(name: str, where: str) -> Product:
    """The product of this name; raises ProjectError, told of ``where``, with the nearest name where there is none."""
    found: Product = find("products", name, PRODUCTS, where=where)
    return found
