package dev.peregrine.yolo.serve;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.peregrine.architecture.Sources;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Whom the server may know. */
class ServeArchitectureTest {
  @Test
  void theServerKnowsNothingOfTraining() {
    Path sources = Sources.root().resolve("yolov4/src/main/java");
    noClasses()
        .that()
        .resideInAPackage("dev.peregrine.yolo.serve")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.peregrine.autograd..",
            "dev.peregrine.nn..",
            "dev.peregrine.yolo.augment..",
            "dev.peregrine.yolo.cli..",
            "dev.peregrine.yolo.data..",
            "dev.peregrine.yolo.eval..",
            "dev.peregrine.yolo.loss..",
            "dev.peregrine.yolo.recipe..",
            "dev.peregrine.yolo.train..")
        .because("a server only runs a detector")
        .check(
            new ClassFileImporter()
                .importPackagesOf(DetectionServer.class)
                .that(
                    describe(
                        "main code",
                        type ->
                            Files.exists(
                                sources.resolve(
                                    type.getName().replaceFirst("\\$.*", "").replace('.', '/')
                                        + ".java")))));
  }
}
