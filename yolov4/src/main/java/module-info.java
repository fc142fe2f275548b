/** The detectors, their formats, data and evaluation, and the command line. */
module dev.peregrine.yolo {
  requires transitive dev.peregrine.nn;
  requires dev.peregrine.opencl;
  requires jdk.httpserver;
  requires info.picocli;
  requires transitive java.desktop;
  requires xchart;
  requires org.snakeyaml.engine;
  requires me.tongfei.progressbar;
  requires tools.jackson.databind;
  requires static org.jspecify;

  exports dev.peregrine.yolo;
  exports dev.peregrine.yolo.anchor;
  exports dev.peregrine.yolo.augment;
  exports dev.peregrine.yolo.augment.effect;
  exports dev.peregrine.yolo.backbone;
  exports dev.peregrine.yolo.box;
  exports dev.peregrine.yolo.classify;
  exports dev.peregrine.yolo.cli;
  exports dev.peregrine.yolo.darknet;
  exports dev.peregrine.yolo.data;
  exports dev.peregrine.yolo.data.check;
  exports dev.peregrine.yolo.data.convert;
  exports dev.peregrine.yolo.demo;
  exports dev.peregrine.yolo.diagram;
  exports dev.peregrine.yolo.eval;
  exports dev.peregrine.yolo.evolve;
  exports dev.peregrine.yolo.head;
  exports dev.peregrine.yolo.image;
  exports dev.peregrine.yolo.loss;
  exports dev.peregrine.yolo.model;
  exports dev.peregrine.yolo.onnx;
  exports dev.peregrine.yolo.plot;
  exports dev.peregrine.yolo.recipe;
  exports dev.peregrine.yolo.run;
  exports dev.peregrine.yolo.scaling;
  exports dev.peregrine.yolo.serve;
  exports dev.peregrine.yolo.torch;
  exports dev.peregrine.yolo.train;
  exports dev.peregrine.yolo.video;
  exports dev.peregrine.yolo.yaml;

  uses dev.peregrine.yolo.video.FrameSourceProvider;
}
