"""What everybody's requests and payloads have: short values, and where they occur without having flowed."""

from __future__ import annotations

from tests.matching.people.sinks import FORM, JSON, Sent

COMMON = [
    ("form", "quantity", "1"),
    ("form", "newsletter", "true"),
    ("form", "country", "US"),
    ("query", "lang", "en"),
    ("form", "age", "42"),
    ("query", "page", "2"),
    ("query", "sort", "name"),
    ("form", "title", "Mr"),
    ("form", "consent", "yes"),
    ("form", "currency", "EUR"),
    ("json", "color", "red"),
    ("json", "size", "M"),
    ("query", "q", "order"),
    ("form", "topic", "customer"),
    ("json", "role", "admin"),
    ("form", "rating", "5"),
    ("form", "floor", "3"),
    ("form", "gender", "female"),
    ("json", "kind", "new"),
    ("query", "limit", "10"),
    ("form", "answer", "no"),
    ("json", "priority", "high"),
    ("form", "year", "1990"),
    ("form", "month", "May"),
    ("json", "plan", "free"),
    ("form", "nights", "0"),
    ("query", "tab", "profile"),
    ("json", "type", "person"),
    ("query", "format", "json"),
    ("form", "city", "Reading"),
    ("form", "first_name", "Will"),
    ("form", "last_name", "May"),
    ("form", "nickname", "Sam"),
    ("form", "subject", "Hello"),
    ("json", "weight", "75"),
    ("form", "comment", "ok"),
    ("form", "state", "CA"),
    ("json", "score", "100"),
]
"""Source, field and value."""
PAYLOADS = [
    Sent({"id": 1, "active": True, "version": 2, "retries": 3, "locale": "xx", "timeout": 10, "http": {"status": 100}}),
    Sent(
        '{"object":"list","has_more":false,"data":[{"id":"ch_1","paid":true,"captured":1,"refunds":0,'
        '"livemode":"yes","object":"customer","attempts":5}],"format_version":"2"}',
        media_type=JSON,
    ),
    Sent("INSERT INTO orders (id, flag, n, kind) VALUES (1, true, 42, 'new') RETURNING orders.id", field="statement"),
    Sent(
        "SELECT customer.id, customer.name FROM customer WHERE customer.role = 'admin' ORDER BY name LIMIT 10 OFFSET 2",
        field="statement",
    ),
    Sent(
        "Thank you for your order! A new customer may contact you. It will be reviewed by an admin; "
        "priority: high. Please keep reading. Hello and welcome, free of charge, in red.",
        field="body",
    ),
    Sent(
        "<html lang='en'><body><h1>Hello</h1><p>Your order no. 1 of 2 will be sent in May to the US. 42 "
        "points!</p><span style='color: red; font-size: 10px'>free</span></body></html>",
        media_type="text/html",
        field="html",
    ),
    Sent(
        "event=signup&v=1&t=true&cid=42&tid=UA-1-2&ul=en-us&de=UTF-8&sr=10x75&en=page_view&"
        "dl=https%3A%2F%2Fshop.example%2Fprofile%3Ftab%3D5",
        media_type=FORM,
    ),
    Sent("2026-05-17 10:42:01,100 INFO werkzeug 5 - POST /order HTTP/1.1 200 - 3 ms - new customer", field="message"),
    Sent(
        {
            "model": "gpt-4o",
            "n": 1,
            "top_p": 1,
            "stream": True,
            "max_tokens": 100,
            "messages": [
                {"role": "system", "content": "You are a helpful customer admin. Answer yes or no."},
                {"role": "user", "content": "What is the price of a red order in size M?"},
            ],
        }
    ),
    Sent([1, 2, 3, 5, 10, 42, 75, 100, True, "en", "US", "yes", "M"]),
    Sent(
        {
            "_id": "42",
            "_index": "name",
            "_source": {"enabled": "yes", "level": "high", "mode": "free", "shape": "M", "view": "profile"},
        }
    ),
    Sent("https://shop.example/en/US/order/42?step=2&ok=yes&ref=profile", field="url"),
    Sent("_ga=GA1.2.1990.42; theme=red; v=1; consented=yes; layout=M", field="Cookie"),
    Sent(
        "<Envelope><Body><Req version='1'><Active>true</Active><Count>42</Count><Mode>new</Mode></Req>"
        "</Body></Envelope>",
        media_type="text/xml",
    ),
]
