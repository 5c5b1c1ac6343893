"""Load the weights of a checkpoint into PyTorch's own network, strictly:

    python3 load_state_dict.py runs/resnet18/step-000000400/weights.safetensors resnet18

The file must hold every tensor of the state_dict and no other, in its shape and
type. Prints how many there are and num_batches_tracked.
"""

import sys

import torchvision
from safetensors.torch import load_file

import make_images  # its LeNet-5


def main(path, kind):
    state = load_file(path)
    last = [v for k, v in state.items() if k in ("fc.weight", "fc3.weight", "classifier.1.weight")][0]
    classes = last.shape[0]
    model = {"lenet5": lambda: make_images.LeNet5(classes), "resnet18": lambda: torchvision.models.resnet18(num_classes=classes),
             "mobilenetv2": lambda: torchvision.models.mobilenet_v2(num_classes=classes)}[kind]()
    print(model.load_state_dict(state, strict=True), len(state), "tensors")
    own = model.state_dict()
    assert all(own[k].dtype == v.dtype and own[k].shape == v.shape for k, v in state.items())
    print("batches tracked:", {int(v) for k, v in state.items() if k.endswith("num_batches_tracked")})


main(*sys.argv[1:])
