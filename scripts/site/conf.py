"""Settings of the documentation's site; ``make docs`` builds it."""

# Autodoc imports with TYPE_CHECKING set, which pydantic does not accept for the models of FastAPI.
import fastapi.openapi.models  # noqa: F401

from airflow_provider_whatsapp import __version__

project = "airflow-provider-whatsapp"
author = "The airflow-provider-whatsapp contributors"
copyright = author  # noqa: A001 - Sphinx reads this name
release = version = __version__

# No intersphinx: a build must not need the network.
extensions = ["myst_parser", "sphinx.ext.autodoc"]
source_suffix = {".md": "markdown"}
# Pages include these files.
exclude_patterns = ["reference/_generated/*"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_default_options = {"exclude-members": "model_config, without_locals"}
autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_class_signature = "mixed"
add_module_names = False
python_display_short_literal_types = True

html_theme = "furo"
html_title = f"airflow-provider-whatsapp {release}"
html_copy_source = False
html_show_sphinx = False
