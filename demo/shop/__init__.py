"""A small web shop, as one would write it: it knows nothing of being watched."""

from __future__ import annotations

import os

from flask import Flask

from demo.shop import account, catalogue, orders, support
from demo.shop.models import connect


def create_app() -> Flask:
    """The application; SHOP_DATABASE names its database."""
    app = Flask(__name__)
    app.secret_key = os.environ.get("SHOP_SECRET_KEY", "for local use only")
    connect(app, os.environ.get("SHOP_DATABASE", "sqlite:///shop.db"))
    for part in (catalogue, account, orders, support):
        app.register_blueprint(part.blueprint)
    return app
