"""The encoder as a network: BERT's layers over the pieces of a text, without padding tricks or options."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

#: Where zero lies among 256 steps behind GELU, and the least that GELU puts out; else it lies in the middle.
ZERO_GELU, LEAST_GELU = 16, 0.17


class _Rounded(torch.autograd.Function):
    """Rows rounded to whole steps; the gradient passes as if they were not."""

    @staticmethod
    def forward(_: object, rows: torch.Tensor, top: int, gelu: bool) -> torch.Tensor:
        if gelu:
            step = (rows.amax(dim=-1, keepdim=True) / top).clamp(min=LEAST_GELU / ZERO_GELU)
        else:
            step = rows.abs().amax(dim=-1, keepdim=True).clamp(min=1e-6) / top
        return (rows / step).round_().mul_(step)

    @staticmethod
    def backward(_: object, gradient: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        return gradient, None, None


class Matrix(nn.Linear):
    """A matrix and a bias; with ``rounding`` it multiplies as the shipped one does, in 8 and 7 bits.

    Parameters
    ----------
    gelu
        Whether what goes in comes out of GELU.
    """

    rounding = False

    def __init__(self, inputs: int, outputs: int, gelu: bool = False) -> None:
        super().__init__(inputs, outputs)
        self.gelu = gelu
        self.apart: torch.Tensor | None = None  # inputs that are multiplied apart, unrounded

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        """Return ``given`` times the matrix, plus the bias."""
        if not self.rounding:
            return super().forward(given)
        weight, small = self.weight, given.float()
        if self.apart is not None:
            others = torch.ones(weight.shape[1])
            others[self.apart] = 0
            weight, small = weight * others, small * others
        rows = _Rounded.apply(small, 255 - ZERO_GELU if self.gelu else 127, self.gelu)
        out = functional.linear(rows, _Rounded.apply(weight, 63, False), self.bias)
        if self.apart is not None:
            out = out + functional.linear(given[..., self.apart], self.weight[:, self.apart])
        return out


class Layer(nn.Module):
    """One layer: attention, then two matrices, each added to what came in and normalised."""

    def __init__(self, width: int, heads: int, inner: int, epsilon: float) -> None:
        super().__init__()
        self.heads = heads
        self.attend = Matrix(width, 3 * width)
        self.out = Matrix(width, width)
        self.norm_attention = nn.LayerNorm(width, eps=epsilon)
        self.widen = Matrix(width, inner)
        self.narrow = Matrix(inner, width, gelu=True)
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


def half() -> torch.autocast:
    """Return a context of 16 bits where the processor multiplies them; elsewhere they would be slower."""
    return torch.autocast("cpu", torch.bfloat16, enabled=torch.cpu._is_avx512_bf16_supported())
