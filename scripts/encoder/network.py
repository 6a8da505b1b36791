"""The encoder as a network: BERT's layers over the pieces of a text, without padding tricks or options."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional


class Layer(nn.Module):
    """One layer: attention, then two matrices, each added to what came in and normalised."""

    def __init__(self, width: int, heads: int, inner: int, epsilon: float) -> None:
        super().__init__()
        self.heads = heads
        self.attend = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm_attention = nn.LayerNorm(width, eps=epsilon)
        self.widen = nn.Linear(width, inner)
        self.narrow = nn.Linear(inner, width)
        self.norm_output = nn.LayerNorm(width, eps=epsilon)

    def forward(self, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return the states after the layer, shape (n, pieces, width); the mask is added to the attention."""
        n, pieces, width = states.shape
        parts = self.attend(states).view(n, pieces, 3, self.heads, width // self.heads)
        query, key, value = (part.contiguous() for part in parts.permute(2, 0, 3, 1, 4))
        # Written out: torch's own attention takes eight times as long backwards in 16 bits on a CPU.
        scores = (query * (width // self.heads) ** -0.5) @ key.transpose(-1, -2)
        scores = scores.float() + mask
        seen = scores.softmax(dim=-1).to(value.dtype) @ value
        seen = self.out(seen.transpose(1, 2).reshape(n, pieces, width))
        states = self.norm_attention(states + seen)
        inner = self.narrow(functional.gelu(self.widen(states)))
        return self.norm_output(states + inner)


class Encoder(nn.Module):
    """Pieces in, a state for each out.

    Parameters
    ----------
    pieces, places
        How many pieces and positions there are.
    width, layers, heads, inner, epsilon
        Sizes of the base model, with as many layers as are wanted.
    """

    def __init__(
        self,
        pieces: int,
        places: int = 512,
        width: int = 384,
        layers: int = 12,
        heads: int = 12,
        inner: int = 1536,
        epsilon: float = 1e-12,
    ) -> None:
        super().__init__()
        self.pieces = nn.Embedding(pieces, width)
        self.places = nn.Embedding(places, width)
        self.norm = nn.LayerNorm(width, eps=epsilon)
        self.layers = nn.ModuleList(Layer(width, heads, inner, epsilon) for _ in range(layers))

    def forward(self, ids: torch.Tensor, inside: torch.Tensor) -> torch.Tensor:
        """Return the states of the last layer.

        Parameters
        ----------
        ids
            Numbers of the pieces, shape (n, longest), filled up with any number.
        inside
            Whether a piece belongs to the text, shape (n, longest).
        """
        states = self.norm(self.pieces(ids) + self.places.weight[: ids.shape[1]])
        # A short row must not look at what it is filled up with.
        mask = ((~inside).float() * -1e4)[:, None, None, :]
        for layer in self.layers:
            states = layer(states, mask)
        return states
