"""The demo: companies that do not exist, their PKI, and the road of one document walked over real parts."""
