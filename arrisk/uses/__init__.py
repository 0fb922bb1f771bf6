"""The use cases beside the pipeline, one file each: what they join is the core and the edges, as it does.

training, rating, proof and pictures: models are trained, customers rated, both proved on the past and drawn.
governance, watch, provenance: models are promoted and watched, scores say what they rest on.
credit, limit_proof, holding, casework, papers: limits, their trial on the past, held orders, cases and their papers.
"""
