"""Electronic document exchange operators (операторы ЭДО): one port in our words, one adapter per operator.

`operators.port` holds the protocol and its values, `operators.errors` the error tree, `operators.registry` the
operators' codes. Adapters (`operators.diadoc`) do not know each other; only a composition root names them.
`operators.sandbox` holds HTTP servers that behave as the operators do and is the one part that needs FastAPI.
"""
