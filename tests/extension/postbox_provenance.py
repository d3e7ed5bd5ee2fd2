"""Postbox: a letter that is dropped is data sent, a letter that is picked up is data that came in."""

from otel_provenance import Boundary, Part, ShareEvent, add_tag, begin_call, end_call, guarded, wrap


def _hook():
    import postbox

    wrap(postbox.Postbox, "drop", _drop)
    wrap(postbox.Postbox, "pick_up", _pick_up)


BOUNDARY = Boundary("postbox", "postbox", _hook)


# a sink: guarded before, the library's own call outside any guard, guarded after
def _drop(wrapped, box, *args, **kwargs):
    call = begin_call("post", "postbox", "drop")
    try:
        result = wrapped(box, *args, **kwargs)
    except BaseException:
        _dropped(call, box, args, kwargs, "failed")
        raise
    _dropped(call, box, args, kwargs, "sent")
    return result


@guarded("postbox.drop")
def _dropped(call, box, args, kwargs, outcome):
    letter = args[0] if args else kwargs["letter"]
    parts = (Part("recipient", letter.get("to")), Part("body", letter.get("text")))
    end_call(call, ShareEvent("post", "postbox", "drop", host=box.name, parts=parts, outcome=outcome))


# a source: what comes in becomes tags of the request that this code runs for
def _pick_up(wrapped, box, *args, **kwargs):
    letter = wrapped(box, *args, **kwargs)
    _picked_up(letter)
    return letter


@guarded("postbox.pick_up")
def _picked_up(letter):
    for field, value in letter.items():
        add_tag("letter", field, value)
