"""Reads an event file with TensorBoard's own reader, and wants what the test wrote.

    pip install tensorboard
    python read.py events.out.tfevents.known
"""
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

a = EventAccumulator(sys.argv[1]).Reload()
scalars = {tag: [(e.wall_time, e.step, round(e.value, 7)) for e in a.Scalars(tag)] for tag in a.Tags()["scalars"]}
texts = {tag: [(e.step, e.tensor_proto.string_val[0].decode()) for e in a.Tensors(tag)] for tag in a.Tags()["tensors"]}
print(scalars, texts)
assert scalars == {
    "loss": [(1700000000.25, 1, 2.5), (1700000003.25, 2, 1.5)],  # 99 was done again
    "lr": [(1700000000.25, 1, 0.0001)],
    "held-out/accuracy": [(1700000004.25, 300, 0.75)],
}
assert texts == {"run file": [(0, "    steps: 3\n")]}
assert a.SummaryMetadata("run file").plugin_data.plugin_name == "text"
