"""Language models: the interface, the local model on llama.cpp, and served models."""
