"""Travel of documents: through an operator (send, receive, confirm) or directly between two parties of this house."""
