"""Loads a model folder with stock transformers and writes the logits it computes.

usage: hugging_face_logits.py FOLDER INPUT OUTPUT

INPUT is a safetensors file with int64 "ids" [B, S]; OUTPUT gets fp32 "logits" [B, S, V].
Exits with 77 when torch or transformers cannot be imported and with 1 when any weight is missing,
unexpected or of another shape.
"""

import sys

try:
    import torch
    from safetensors.torch import load_file, save_file
    from transformers import BertForMaskedLM
except ImportError as error:
    print(error)
    sys.exit(77)


def main(folder, inputs, output):
    model, info = BertForMaskedLM.from_pretrained(
        folder, output_loading_info=True, attn_implementation="eager")
    wrong = {kind: names for kind, names in info.items() if names}
    if wrong:
        print(wrong)
        return 1
    with torch.no_grad():
        logits = model.eval()(input_ids=load_file(inputs)["ids"]).logits
    save_file({"logits": logits}, output)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
