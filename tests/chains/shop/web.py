"""The shop's web application, and the task that it leaves to a worker: only the number of a user goes by the queue."""

from __future__ import annotations

import hashlib
import os

import requests
from celery import Celery
from flask import Flask, request
from models import User, engine
from sqlalchemy.orm import Session

app = Flask("shop")
celery = Celery("shop", broker=os.environ["BROKER"])
celery.conf.task_default_queue = os.environ["QUEUE"]


@app.post("/signup")
def sign_up():
    with Session(engine) as session:
        user = User(email=request.form["email"].strip().lower(), address=request.form["address"])
        session.add(user)
        session.commit()
        advertise.delay(user.id)
        return {"id": user.id}


@celery.task
def advertise(number):
    with Session(engine) as session:
        email = session.get_one(User, number).email
    requests.post(os.environ["ADS"], json={"em": hashlib.sha256(email.encode()).hexdigest()}, timeout=10)
