"""Server-held signing keys and who may use them."""
