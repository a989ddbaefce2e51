"""Loads a model folder with stock transformers; writes its masked-LM loss and all gradients.

usage: hugging_face_gradients.py FOLDER INPUT OUTPUT

INPUT is a safetensors file with int64 "ids" [B, S] and "labels" [B, S], -100 where nothing is
predicted; OUTPUT gets "loss" [] and the gradient of each parameter under the parameter's name.
Exits with 77 when torch or transformers cannot be imported.
"""

import sys

try:
    from safetensors.torch import load_file, save_file
    from transformers import BertForMaskedLM
except ImportError as error:
    print(error)
    sys.exit(77)


def main(folder, inputs, output):
    model = BertForMaskedLM.from_pretrained(folder, attn_implementation="eager").eval()
    batch = load_file(inputs)
    loss = model(input_ids=batch["ids"], labels=batch["labels"]).loss
    loss.backward()
    gradients = {name: weight.grad for name, weight in model.named_parameters()}
    save_file({"loss": loss.detach(), **gradients}, output)


if __name__ == "__main__":
    main(*sys.argv[1:])
