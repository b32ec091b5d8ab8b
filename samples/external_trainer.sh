#!/bin/sh
# A trainer that lepton-tui can run: it prints a line of JSON now and then. This one only pretends to learn.
#
#     {"name": "shell", "learner": "external", "command": ["sh", "external_trainer.sh"]}
#
# Its loss falls along a curve that awk draws; a real one would call a real program here.
set -eu

epochs=${LEPTON_EPOCHS:-5}
step=${LEPTON_STEP:-0} # where it was when it ended last; 0 at first
steps=20               # in an epoch

trap 'echo "asked to end at step $step"; exit 0' TERM
echo "training ${LEPTON_VERSION:-alone} for $epochs epochs from step $step"

while [ "$step" -lt $((epochs * steps)) ]; do
	sleep 0.1
	step=$((step + 1))
	awk -v step="$step" -v steps="$steps" -v seed="${LEPTON_SEED:-1}" 'BEGIN {
		srand(seed + step)
		loss = 2.3 * exp(-step / 25) + 0.1 + 0.05 * rand()
		printf "{\"step\": %d, \"epoch\": %.3f, \"loss\": %.4f, \"accuracy\": %.4f", step, step / steps, loss, exp(-loss)
		if (step % steps == 0)
			printf ", \"val_loss\": %.4f, \"val_accuracy\": %.4f", loss + 0.05, exp(-loss - 0.05)
		print "}"
	}'
done
echo '{"message": "nothing more to learn"}'
