export const usage = `
sluice serve --champion FILE.onnx [options]

Answers on 127.0.0.1 only, until Ctrl-C. The challenger gets a copy of every request; sluice rollout sets its weight.

  --champion FILE              the model that answers
  --challenger FILE            the model that shadows it
  --champion-manifest FILE     release manifest: version, preprocessing, thresholds
  --challenger-manifest FILE   the same of the challenger
  --port N                     0 takes any free port (default 8000)
  --model NAME                 name in the protocol (default: model)
  --size N                     image size where there is no manifest (default 160)
  --threads N                  threads a model (default 1)
  --max-body MIB               largest request (default 32)

  POST /v2/models/NAME/infer   Open Inference Protocol: BYTES (base64) or UINT8 height x width x 3
  GET  /v2 /v2/health/ready /v2/models/NAME /metrics /sluice/status
  POST /sluice/weights /sluice/challenger`
