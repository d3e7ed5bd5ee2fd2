"""Products, and the search for them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, request

from demo.shop.models import Product, Search, session

blueprint = Blueprint("catalogue", __name__)


@blueprint.get("/")
def search() -> Any:
    found = session.query(Product)
    term = request.args.get("q", "").strip()
    if term:
        found = found.filter(Product.name.ilike(f"%{term}%"))
        session.add(Search(term=term))
        session.commit()
    return {"products": [{"id": p.id, "name": p.name, "cents": p.cents} for p in found]}


@blueprint.get("/products/<int:product_id>")
def product(product_id: int) -> Any:
    found = session.get(Product, product_id) or abort(404)
    return {"id": found.id, "name": found.name, "cents": found.cents}
