"""The OpenTelemetry side: tracer, sampler, processor, context, and the calls that boundaries share."""
