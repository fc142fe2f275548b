package dev.peregrine.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.CaseTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.SwitchExpressionTree;
import com.sun.source.tree.SwitchTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import dev.peregrine.architecture.Sources.Source;
import dev.peregrine.tensor.op.Op;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/** Rules that only the source text shows. */
final class SourceRulesTest {
  /**
   * The type of a case label: {@code case Conv2d conv} or {@code case Conv2d(Window w, _)}; a
   * nested type of that name, such as {@code Layer.MaxPool}, is none of the operations.
   */
  private static final Pattern LABEL =
      Pattern.compile("(?:final )?(?:dev\\.peregrine\\.tensor\\.op\\.)?(\\w+)\\b(?!\\.).*");

  @Test
  void everyPackageIntroducesItself() {
    Set<String> introduced =
        Sources.main().stream()
            .filter(Source::isPackageInfo)
            .map(Source::packageName)
            .collect(Collectors.toSet());
    Set<String> packages =
        Sources.main().stream()
            .filter(s -> !s.isDescriptor())
            .map(Source::packageName)
            .collect(Collectors.toCollection(TreeSet::new));
    packages.removeAll(introduced);
    assertThat(packages).as("packages without a package-info.java").isEmpty();
  }

  @Test
  void everyPackageIsChecked() {
    List<Source> unmarked =
        Sources.main().stream()
            .filter(Source::isPackageInfo)
            .filter(s -> !s.text().contains("@NullMarked"))
            .toList();
    assertThat(unmarked).as("packages that are not @NullMarked").isEmpty();
  }

  @Test
  void noDefaultInSwitchOverOperations() throws IOException {
    Set<String> operations =
        Arrays.stream(Op.class.getPermittedSubclasses())
            .map(Class::getSimpleName)
            .collect(Collectors.toSet());
    assertThat(operations).contains("Conv2d");
    List<String> found = new ArrayList<>();
    parse(Sources.main(), operations, found);
    assertThat(found)
        .as("a switch over Op names every operation, so that the compiler finds what is missing")
        .isEmpty();
  }

  private static void parse(List<Source> sources, Set<String> operations, List<String> found)
      throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    Map<String, Source> byPath =
        sources.stream().collect(Collectors.toMap(s -> s.path().toUri().toString(), s -> s));
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      List<Path> paths = sources.stream().map(Source::path).toList();
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null,
                  files,
                  null,
                  List.of("-proc:none"),
                  null,
                  files.getJavaFileObjectsFromPaths(paths));
      Trees trees = Trees.instance(task);
      for (CompilationUnitTree unit : task.parse()) {
        LineMap lines = unit.getLineMap();
        Source source = byPath.get(unit.getSourceFile().toUri().toString());
        new TreeScanner<Void, Void>() {
          @Override
          public Void visitSwitch(SwitchTree node, Void none) {
            look(node, node.getCases());
            return super.visitSwitch(node, none);
          }

          @Override
          public Void visitSwitchExpression(SwitchExpressionTree node, Void none) {
            look(node, node.getCases());
            return super.visitSwitchExpression(node, none);
          }

          private void look(Tree node, List<? extends CaseTree> cases) {
            if (hasDefault(cases) && namesOperation(cases, operations)) {
              long start = trees.getSourcePositions().getStartPosition(unit, node);
              found.add(source + ":" + lines.getLineNumber(start) + " has a default");
            }
          }
        }.scan(unit, null);
      }
    }
  }

  private static boolean hasDefault(List<? extends CaseTree> cases) {
    return cases.stream()
        .flatMap(c -> c.getLabels().stream())
        .anyMatch(label -> label.getKind() == Tree.Kind.DEFAULT_CASE_LABEL);
  }

  private static boolean namesOperation(List<? extends CaseTree> cases, Set<String> operations) {
    return cases.stream()
        .flatMap(c -> c.getLabels().stream())
        .filter(label -> label.getKind() == Tree.Kind.PATTERN_CASE_LABEL)
        .map(label -> LABEL.matcher(label.toString()))
        .filter(Matcher::matches)
        .anyMatch(label -> operations.contains(label.group(1)));
  }
}
