"""The packages that a composer.json requires, and their lock file. https://getcomposer.org/doc/04-schema.md"""

import patterns
from stacks import lock_files
from stacks.folder import Folder
from stacks.lock_files import LockFile

_FRAMEWORKS = {
    "laravel": "laravel/framework",
    "symfony": "symfony/framework-bundle",
    "slim": "slim/slim",
    "cakephp": "cakephp/cakephp",
    "codeigniter": "codeigniter4/framework",
    "yii": "yiisoft/yii2",
    "drupal": "drupal/core-recommended",
    "laminas": "laminas/laminas-mvc",
}
LOCK_FILES = {
    "composer.lock": LockFile(
        patterns.repeated(r'"name": "([^"\n]{1,200})"'), "composer install", "composer update --lock"
    )
}


def framework(depends: set[str]) -> str:
    return next((framework for framework, package in _FRAMEWORKS.items() if package in depends), "")


def warn(folder: Folder, packages: set[str]) -> None:
    """Warn about a missing lock file, and about one that lacks required packages."""
    if packages and "composer.lock" not in folder.files:
        folder.warn(
            f"{folder.path('composer.json')} has requirements, but no lock file: two builds may differ. "
            "Commit composer.lock."
        )
    from_registry = [name for name in packages if "/" in name and not name.endswith("-implementation")]
    lock_files.warn_if_stale(
        folder, folder, "composer.lock", LOCK_FILES["composer.lock"], from_registry, "composer.json"
    )
