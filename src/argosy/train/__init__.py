"""The one training loop and all that needs torch: batches, fine-tuning, embeddings, attributions."""
