"""Writes model folders with stock transformers, and what the models in them compute.

usage: hugging_face_folders.py FOLDER MODELS

MODELS is a JSON list of {"name", "class", "config"}: for each, FOLDER/name becomes the folder of a
small random model of transformers' class, with the values of "config" changed, and with
outputs.safetensors in it: int64 "ids" [B, S], the outputs by their names and the encoder's
"last_hidden_state". What stands under "as_written" in "config" changes config.json alone, as other
versions may have written it. Exits with 77 when torch or transformers cannot be imported.
"""

import json
import sys
from pathlib import Path

try:
    import torch
    import transformers
    from safetensors.torch import save_file
except ImportError as error:
    print(error)
    sys.exit(77)

SMALL = {"vocab_size": 40, "hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 3,
         "intermediate_size": 48, "max_position_embeddings": 20}


def main(folder, models):
    torch.manual_seed(1)
    ids = torch.randint(5, 40, (2, 16))
    for wanted in json.loads(models):
        kind = getattr(transformers, wanted["class"])
        as_written = wanted["config"].pop("as_written", {})
        model = kind(kind.config_class(**{**SMALL, **wanted["config"]})).eval()
        path = Path(folder) / wanted["name"]
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(0.2 * torch.randn_like(parameter))
        model.save_pretrained(path)
        if as_written:
            config = json.loads((path / "config.json").read_text())
            (path / "config.json").write_text(json.dumps({**config, **as_written}))
            model = kind.from_pretrained(path)
        with torch.no_grad():
            outputs = {"last_hidden_state": model.base_model(input_ids=ids)[0],
                       **model(input_ids=ids)}
        tensors = {name: tensor.contiguous() for name, tensor in outputs.items()}
        save_file({"ids": ids, **tensors}, path / "outputs.safetensors")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
