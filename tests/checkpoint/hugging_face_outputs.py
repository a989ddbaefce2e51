"""Loads model folders with stock transformers and writes what they compute.

usage: hugging_face_outputs.py INPUT CLASS FOLDER OUTPUT [CLASS FOLDER OUTPUT]...

INPUT is a safetensors file with int64 "ids" [B, S]. Each FOLDER is loaded as transformers' CLASS,
and OUTPUT gets its outputs by their names, such as fp32 "logits" [B, S, V]. Exits with 77 when torch
or transformers cannot be imported and with 1 when any weight is missing, unexpected or of another
shape.
"""

import sys

try:
    import torch
    import transformers
    from safetensors.torch import load_file, save_file
except ImportError as error:
    print(error)
    sys.exit(77)


def main(inputs, *jobs):
    ids = load_file(inputs)["ids"]
    for kind, folder, output in zip(jobs[::3], jobs[1::3], jobs[2::3]):
        model, info = getattr(transformers, kind).from_pretrained(
            folder, output_loading_info=True, attn_implementation="eager")
        wrong = {what: names for what, names in info.items() if names}
        if wrong:
            print(folder, wrong)
            return 1
        with torch.no_grad():
            outputs = model.eval()(input_ids=ids)
        save_file({name: tensor.contiguous() for name, tensor in outputs.items()}, output)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
