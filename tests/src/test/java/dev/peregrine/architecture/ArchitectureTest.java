package dev.peregrine.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.codeUnits;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The lines that the code never crosses: who may know whom.
 *
 * <p>Rules hold for the main code of the library's modules. A rule about a package that does not
 * exist passes, and bites as soon as the package is there.
 */
final class ArchitectureTest {
  private static final String TENSOR = "dev.peregrine.tensor";
  private static final String AUTOGRAD = "dev.peregrine.autograd..";
  private static final String NN = "dev.peregrine.nn..";
  private static final String YOLO = "dev.peregrine.yolo..";
  private static final String CLI_ROOT = "dev.peregrine.yolo.cli";
  private static final String CLI = CLI_ROOT + "..";
  private static final String DATA = CLI_ROOT + ".data..";
  private static final String TRAIN = CLI_ROOT + ".train..";
  private static final String MODEL = CLI_ROOT + ".model..";
  private static final String OPENCL = "dev.peregrine.opencl..";
  private static final String CPU = TENSOR + ".cpu..";
  private static final String TENSOR_TYPE = TENSOR + ".Tensor";
  private static final String KERNEL = TENSOR + ".device.Kernel";
  private static final String BUFFER = TENSOR + ".device.Buffer";
  private static final String DEVICE = TENSOR + ".device.Device";
  private static final String EPILOGUE = TENSOR + ".op.Epilogue";
  private static final String PARAMS = "dev.peregrine.nn.Params";

  private static final JavaClasses CODE = mainClasses();

  private static JavaClasses mainClasses() {
    Set<String> names =
        Sources.main().stream().map(Sources.Source::className).collect(Collectors.toSet());
    return new ClassFileImporter()
        .importPackages("dev.peregrine")
        .that(describe("main code", type -> names.contains(outermost(type))));
  }

  private static String outermost(JavaClass type) {
    int nested = type.getName().indexOf('$');
    return nested < 0 ? type.getName() : type.getName().substring(0, nested);
  }

  private static void check(ArchRule rule, String reason) {
    rule.because(reason).allowEmptyShould(true).check(CODE);
  }

  @Test
  void someCodeIsLookedAt() {
    check(
        classes()
            .that()
            .haveFullyQualifiedName(TENSOR_TYPE)
            .should()
            .bePublic()
            .allowEmptyShould(false),
        "rules that look at nothing prove nothing");
  }

  @Test
  void knowledgeFlowsDownwards() {
    check(knowsNoneOf(TENSOR + "..", OPENCL, AUTOGRAD, NN, YOLO), "tensor is the lowest module");
    check(knowsNoneOf(OPENCL, AUTOGRAD, NN, YOLO), "a device knows no derivatives and no layers");
    check(knowsNoneOf(AUTOGRAD, OPENCL, NN, YOLO), "derivatives know no layers");
    check(knowsNoneOf(NN, OPENCL, YOLO), "layers know no detectors");
    check(
        noClasses()
            .that(resideInAPackage(YOLO).and(not(resideInAPackage(CLI))))
            .should()
            .dependOnClassesThat()
            .resideInAPackage(OPENCL),
        "detectors find devices by name; only the command line describes the installation");
    check(
        knowsNoneOf("dev.peregrine..", "dev.peregrine.testkit..", "dev.peregrine.bench.."),
        "nothing knows the tests");
  }

  @Test
  void lowerModulesNeedTheJdkAlone() {
    check(
        classes()
            .that()
            .resideInAnyPackage(TENSOR + "..", AUTOGRAD, NN)
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("dev.peregrine..", "java..", "jdk..", "org.jspecify.."),
        "whoever uses the library inherits no dependency");
  }

  @Test
  void noPackageCycles() {
    check(
        slices().matching("dev.peregrine.(**)").should().beFreeOfCycles(),
        "each can be read alone");
  }

  @Test
  void onlyTheCommandLineItselfKnowsAllVerbs() {
    check(
        knowsNoneOf(CLI_ROOT + ".kit..", CLI_ROOT, CLI_ROOT + ".input..", DATA, TRAIN, MODEL),
        "what verbs are made of knows no verb");
    check(
        knowsNoneOf(CLI_ROOT + ".input..", CLI_ROOT, DATA, TRAIN, MODEL),
        "keys that verbs share know no verb");
    check(knowsNoneOf(DATA, CLI_ROOT, TRAIN, MODEL), "verbs of data need no network");
    check(knowsNoneOf(TRAIN, CLI_ROOT, MODEL), "rooms of verbs do not need each other");
    check(knowsNoneOf(MODEL, CLI_ROOT, DATA, TRAIN), "rooms of verbs do not need each other");
  }

  @Test
  void theVocabularyKnowsShapesOnly() {
    check(
        classes()
            .that()
            .resideInAPackage(TENSOR + ".op")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(TENSOR + ".op", TENSOR + ".shape", "java..", "org.jspecify.."),
        "an operation says what, never how");
    check(
        fields()
            .that()
            .areDeclaredInClassesThat(
                resideInAPackage(TENSOR + ".op").and(assignableTo(Record.class)))
            .and()
            .areNotStatic()
            .should()
            .notHaveRawType(describe("an array", JavaClass::isArray)),
        "a record with an array compares by identity and is no key of a cache");
  }

  @Test
  void kernelsSeeBuffersNeverTensors() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage(CPU, TENSOR + ".device..", OPENCL)
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName(TENSOR_TYPE),
        "a plan runs kernels on an arena, where no tensor is");
  }

  @Test
  void derivativesCallOperationsNeverKernels() {
    check(
        noClasses()
            .that()
            .resideInAPackage(AUTOGRAD)
            .should()
            .dependOnClassesThat(
                resideInAPackage(CPU).or(name(KERNEL)).or(name(BUFFER)).as("kernels or buffers")),
        "a device that runs forward therefore trains");
  }

  @Test
  void onlyPassesMakeEpilogues() {
    DescribedPredicate<JavaClass> maker =
        resideInAPackage(TENSOR + ".graph..").or(nameMatching(EPILOGUE.replace(".", "\\.") + ".*"));
    check(
        noClasses()
            .that(not(maker))
            .should()
            .callConstructorWhere(target(owner(name(EPILOGUE))))
            .orShould()
            .callMethodWhere(target(owner(name(EPILOGUE))).and(target(name("then")))),
        "fusion is a rewriting of graphs, not something authors of models do");
  }

  @Test
  void foreignKernelsStayInTheirPackage() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(TENSOR + ".cpu.simd..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("jdk.incubator.vector.."),
        "the Vector API is an incubator: one package pays for its changes");
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage("dev.peregrine.opencl.runtime..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.jocl.."),
        "one package talks to the OpenCL driver");
  }

  @Test
  void modelsNeverBranchOnTheDevice() {
    DescribedPredicate<JavaClass> models =
        resideInAnyPackage(NN, YOLO).and(not(resideInAPackage(CLI))).as("nn and yolo");
    check(
        noClasses()
            .that(models)
            .should()
            .dependOnClassesThat(resideInAPackage(CPU).or(name(KERNEL))),
        "layers and detectors call operations");
    check(
        noClasses()
            .that(models)
            .should()
            .callMethodWhere(
                target(owner(assignableTo(DEVICE)))
                    .and(target(nameMatching("name|equals|getClass")))),
        "what a model computes does not depend on the device");
    check(
        classes().that(models).should(notTestForTypesAssignableTo(DEVICE)),
        "what a model computes does not depend on the device");
  }

  @Test
  void onlyOptimisersAndLoadersChangeWeights() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage(
                TENSOR + "..",
                AUTOGRAD,
                "dev.peregrine.nn.block..",
                "dev.peregrine.nn.loss..",
                "dev.peregrine.nn.data..",
                "dev.peregrine.yolo.model..",
                "dev.peregrine.yolo.head..",
                "dev.peregrine.yolo.loss..",
                "dev.peregrine.yolo.data..",
                "dev.peregrine.yolo.augment..",
                "dev.peregrine.yolo.eval..",
                "dev.peregrine.yolo.plot..")
            .should()
            .callMethodWhere(
                target(owner(name(PARAMS))).and(target(nameMatching("set|commit|discard")))),
        "a forward pass leaves the weights as they are");
  }

  @Test
  void darknetsTypesStayInTheirPackage() {
    check(
        noClasses()
            .that(
                resideInAPackage("dev.peregrine..")
                    .and(
                        not(
                            resideInAnyPackage(
                                "dev.peregrine.yolo", "dev.peregrine.yolo.darknet..", CLI))))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.peregrine.yolo.darknet.."),
        "a file format is not the model; only the doors of the library open such files");
  }

  @Test
  void noStaticMutableState() {
    check(
        fields().that().areStatic().should().beFinal(), "a second caller must find the same world");
    check(
        fields().that().areStatic().should(beOfAnImmutableType()),
        "a second caller must find the same world");
    check(
        codeUnits()
            .that(describe("static initializers", unit -> unit.getName().equals("<clinit>")))
            .should(notConstructMutableState()),
        "a second caller must find the same world");
  }

  @Test
  void noReflectionAndNoThreadLocals() {
    check(knowsNoneOf("dev.peregrine..", "java.lang.reflect.."), "the compiler is the registry");
    check(
        noClasses()
            .should()
            .callMethodWhere(
                target(owner(name("java.lang.Class")))
                    .and(
                        target(
                            nameMatching(
                                "forName|newInstance"
                                    + "|get(Declared)?(Method|Field|Constructor|RecordComponent)s?")))),
        "the compiler is the registry");
    check(
        noClasses()
            .that()
            .doNotHaveFullyQualifiedName(TENSOR + ".device.Devices")
            .and()
            .doNotHaveFullyQualifiedName("dev.peregrine.yolo.video.FrameSources")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.util.ServiceLoader"),
        "devices and readers of videos are the only services");
    check(
        noClasses()
            .should()
            .dependOnClassesThat()
            .areAssignableTo(ThreadLocal.class)
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.util.concurrent.ThreadLocalRandom"),
        "what belongs to a thread is bound lexically, and chance has a seed");
  }

  private static ArchRule knowsNoneOf(String packages, String... strangers) {
    return noClasses()
        .that()
        .resideInAPackage(packages)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(strangers);
  }

  private static ArchCondition<JavaClass> notTestForTypesAssignableTo(String type) {
    return new ArchCondition<>("not ask for the class of a " + type) {
      @Override
      public void check(JavaClass item, ConditionEvents events) {
        item.getInstanceofChecks().stream()
            .filter(c -> c.getRawType().isAssignableTo(type))
            .forEach(c ->
                events.add(
                    SimpleConditionEvent.violated(
                        item, item.getName() + " line " + c.getLineNumber())));
      }
    };
  }

  private static ArchCondition<JavaField> beOfAnImmutableType() {
    return new ArchCondition<>("be of a type that cannot change") {
      @Override
      public void check(JavaField field, ConditionEvents events) {
        if (!field.getModifiers().contains(JavaModifier.SYNTHETIC)
            && isMutable(field.getRawType())) {
          events.add(
              SimpleConditionEvent.violated(
                  field, field.getFullName() + " is a " + field.getRawType().getSimpleName()));
        }
      }
    };
  }

  private static ArchCondition<JavaCodeUnit> notConstructMutableState() {
    return new ArchCondition<>("not keep anything that can change") {
      @Override
      public void check(JavaCodeUnit unit, ConditionEvents events) {
        unit.getConstructorCallsFromSelf().stream()
            .filter(call -> isMutable(call.getTargetOwner()))
            .forEach(
                call -> events.add(SimpleConditionEvent.violated(unit, call.getDescription())));
      }
    };
  }

  private static boolean isMutable(JavaClass type) {
    String name = type.getName();
    return name.startsWith("java.util.concurrent.")
            && !name.equals("java.util.concurrent.TimeUnit")
            && !type.isInterface()
        || type.isAssignableTo("java.util.AbstractMap")
        || type.isAssignableTo("java.util.AbstractCollection")
        || type.isAssignableTo("java.util.concurrent.ConcurrentMap")
        || type.isAssignableTo("java.util.Random")
        || type.isAssignableTo("java.lang.ThreadLocal")
        || type.isAssignableTo("java.lang.StringBuilder");
  }
}
