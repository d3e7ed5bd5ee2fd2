"""What an outgoing call carries, as parts to be searched. Knows no client library and no tags.

http.py    an HTTP request: URL, headers, cookies, credentials and body → events.ShareEvent
bodies.py  a streamed body, teed as the client consumes it
llm.py     whether the request goes to a language model: provider, operation, model
mail.py    an SMTP message: recipients, headers, texts and attachments → events.ShareEvent
"""
