"""Writes expected.json: what pycocotools says of boxes that a formula draws.

Run with pycocotools 2.0.11 (any release will do): python3 recipe.py > expected.json
CocoGoldenTest draws the same boxes: keep the two in step. The boxes are awkward on purpose: areas
and overlaps exactly on the limits, equal scores, crowds, more than a hundred predictions of a class
in a picture, pictures and categories without objects, ids with gaps and in falling order.
"""

import contextlib
import io
import json

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

MASK = (1 << 64) - 1
CATEGORIES = [1, 2, 4, 7, 9]  # the last one has no objects


class Draw:
    """Whole numbers below n, one after the other."""

    def __init__(self):
        self.count = 0

    def __call__(self, n):
        self.count += 1
        z = (self.count * 0x9E3779B97F4A7C15) & MASK
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return ((z ^ (z >> 31)) >> 40) % n


def boxes():
    draw = Draw()
    images, truths, claims = [], [], []
    for k in range(60):
        image = 1000 - 7 * k
        images.append(dict(id=image, file_name="%d.png" % image, width=640, height=480))
        own = []
        for _ in range(draw(6)):
            category = CATEGORIES[draw(4)]
            kind = draw(4)
            w = 32.0 if kind == 0 else 96.0 if kind == 1 else (50 + draw(2000)) / 10.0
            h = 32.0 if kind == 0 else 96.0 if kind == 1 else (80 + draw(1500)) / 10.0
            x = draw(4000) / 10.0
            y = draw(2000) / 10.0
            area = w * h * 0.5 if draw(3) == 0 else w * h
            crowd = int(draw(9) == 0)
            own.append(dict(id=len(truths) + 1, image_id=image, category_id=category,
                            bbox=[x, y, w, h], area=area, iscrowd=crowd))
            truths.append(own[-1])
        for truth in own:
            for _ in range(draw(4)):
                x, y, w, h = truth["bbox"]
                category = truth["category_id"]
                mode = draw(6)
                if mode == 1:
                    w = w * 0.5
                elif mode == 2:
                    w = w * 0.75
                elif mode == 3:
                    x = x + draw(300) / 10.0
                elif mode == 4:
                    category = CATEGORIES[draw(5)]
                elif mode == 5:
                    y = y + h * 0.25
                claims.append(dict(image_id=image, category_id=category, bbox=[x, y, w, h],
                                   score=draw(50) / 50.0))
        for _ in range(150 if k % 20 == 5 else 30 if k % 5 == 0 else draw(5)):
            claims.append(dict(image_id=image,
                               category_id=CATEGORIES[k // 5 % 4] if k % 5 == 0
                               else [1, 2, 4, 7, 9, 11][draw(6)],
                               bbox=[draw(4000) / 10.0, draw(2000) / 10.0,
                                     (50 + draw(2000)) / 10.0, (80 + draw(1500)) / 10.0],
                               score=draw(50) / 50.0))
    return images, truths, claims


def main():
    images, truths, claims = boxes()
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = dict(info={}, images=images, annotations=truths,
                            categories=[dict(id=c, name="class %d" % c) for c in CATEGORIES])
        coco.createIndex()
        evaluation = COCOeval(coco, coco.loadRes(claims), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    precision = evaluation.eval["precision"]  # threshold, recall, category, area, maxDets
    recall = evaluation.eval["recall"]
    mean = lambda v: float(v[v > -1].mean()) if (v > -1).any() else -1.0
    names = "AP AP50 AP75 APsmall APmedium APlarge AR1 AR10 AR100 ARsmall ARmedium ARlarge".split()
    print(json.dumps(dict(
        images=len(images), truths=len(truths), predictions=len(claims),
        numbers=dict(zip(names, map(float, evaluation.stats))),
        perThreshold=[mean(precision[t, :, :, 0, 2]) for t in range(10)],
        classes={str(c): [mean(precision[:, :, k, 0, 2]), mean(precision[0, :, k, 0, 2]),
                          mean(precision[5, :, k, 0, 2]), mean(recall[:, k, 0, 2])]
                 for k, c in enumerate(CATEGORIES)}), indent=1))


main()
