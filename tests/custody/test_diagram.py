from pathlib import Path

from click.testing import CliRunner

from tracker.custody.commands import road

README = Path(__file__).parents[2] / "README.md"


def test_the_readme_draws_the_road_that_the_command_prints():
    printed = CliRunner().invoke(road).output.strip()

    assert f"```mermaid\n{printed}\n```" in README.read_text(encoding="utf-8")
