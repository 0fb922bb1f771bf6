"""The methods: what each expects of every open item, from the ledger's history or from the payment curve."""
