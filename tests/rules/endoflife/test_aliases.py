"""Which packages and models are endoflife.date products, and which only look like it."""

import re

import pytest

from reviews.rules.endoflife.aliases import aliases, model_product, package_product
from reviews.rules.purl import canonical


@pytest.mark.parametrize(
    ("key", "product"),
    [
        ("pkg:pypi/django", "django"),
        ("pkg:pypi/ansible", "ansible"),
        ("pkg:pypi/ansible-core", "ansible-core"),
        ("pkg:pypi/pyspark", "apache-spark"),
        ("pkg:npm/%40angular/core", "angular"),
        ("pkg:npm/react-dom", "react"),
        ("pkg:gem/activerecord", "rails"),
        ("pkg:composer/symfony/http-kernel", "symfony"),
        ("pkg:maven/org.springframework.boot/spring-boot", "spring-boot"),
        ("pkg:nuget/jQuery", "jquery"),
        ("pkg:golang/k8s.io/kubernetes", "kubernetes"),
        ("pkg:docker/library/postgres", "postgresql"),
        ("pkg:docker/postgres", "postgresql"),
        ("pkg:generic/python", "python"),
        ("pkg:github/kubernetes/kubernetes", "kubernetes"),
        # Its tags are those of ansible-core, whatever endoflife.date lists.
        ("pkg:github/ansible/ansible", "ansible-core"),
    ],
)
def test_a_package_whose_versions_are_the_products_is_that_product(
    key: str, product: str
) -> None:
    assert package_product(canonical(key).key) == product


@pytest.mark.parametrize(
    "key",
    [
        # Clients are not their servers.
        "pkg:pypi/redis",
        "pkg:npm/redis",
        "pkg:npm/ioredis",
        "pkg:gem/redis",
        "pkg:cargo/redis",
        "pkg:pypi/psycopg",
        "pkg:pypi/psycopg2",
        "pkg:pypi/psycopg2-binary",
        "pkg:npm/pg",
        "pkg:gem/pg",
        "pkg:maven/org.postgresql/postgresql",
        "pkg:pypi/mysqlclient",
        "pkg:pypi/pymysql",
        "pkg:npm/mysql",
        "pkg:npm/mysql2",
        "pkg:gem/mysql2",
        "pkg:maven/mysql/mysql-connector-java",
        "pkg:pypi/mariadb",
        "pkg:npm/mariadb",
        "pkg:pypi/pymongo",
        "pkg:npm/mongodb",
        "pkg:gem/mongo",
        "pkg:pypi/elasticsearch",
        "pkg:npm/%40elastic/elasticsearch",
        "pkg:pypi/opensearch-py",
        "pkg:pypi/kafka-python",
        "pkg:npm/kafkajs",
        "pkg:maven/org.apache.kafka/kafka-clients",
        "pkg:pypi/neo4j",
        "pkg:maven/org.neo4j.driver/neo4j-java-driver",
        "pkg:pypi/cassandra-driver",
        "pkg:pypi/docker",
        "pkg:npm/dockerode",
        "pkg:pypi/kubernetes",
        "pkg:golang/k8s.io/client-go",
        "pkg:golang/go.etcd.io/etcd/client/v3",
        "pkg:golang/github.com/hashicorp/consul/api",
        "pkg:pypi/hvac",
        "pkg:pypi/python-gitlab",
        "pkg:gem/gitlab",
        "pkg:npm/keycloak-js",
        "pkg:pypi/prometheus-client",
        "pkg:golang/github.com/prometheus/client-golang",
        "pkg:pypi/influxdb",
        "pkg:pypi/rabbitmq",
        "pkg:pypi/pika",
        "pkg:pypi/pymemcache",
        "pkg:pypi/clickhouse-driver",
        "pkg:pypi/couchbase",
        "pkg:pypi/meilisearch",
        # Types, plug-ins, bindings and tools are not what they are for.
        "pkg:npm/%40types/node",
        "pkg:npm/%40types/react",
        "pkg:npm/react-router",
        "pkg:npm/vue-router",
        "pkg:npm/%40vue/cli",
        "pkg:npm/%40angular/material",
        "pkg:npm/eslint-plugin-react",
        "pkg:npm/grunt-cli",
        "pkg:npm/jquery-validation",
        "pkg:npm/python",
        "pkg:npm/php",
        "pkg:npm/django",
        "pkg:pypi/djangorestframework",
        "pkg:pypi/django-redis",
        "pkg:pypi/python",
        "pkg:pypi/nodejs",
        "pkg:pypi/nginx",
        "pkg:pypi/jenkins",
        "pkg:pypi/python-jenkins",
        "pkg:pypi/pyopenssl",
        "pkg:cargo/openssl",
        "pkg:gem/openssl",
        "pkg:gem/rails-html-sanitizer",
        "pkg:composer/symfony/polyfill-mbstring",
        "pkg:composer/symfony/flex",
        "pkg:composer/drupal/redis",
        "pkg:maven/org.xerial/sqlite-jdbc",
        "pkg:pypi/apache-airflow-providers-amazon",
        # Their versions are not the product's.
        "pkg:npm/aws-cdk",
        "pkg:npm/%40fortawesome/fontawesome-svg-core",
        "pkg:golang/github.com/prometheus/prometheus",
        "pkg:maven/org.springframework.cloud/spring-cloud-commons",
        # A distribution supports its own packages.
        "pkg:deb/debian/python3.11",
        "pkg:rpm/redhat/nodejs",
        "pkg:apk/alpine/nginx",
        # The name of an image without its registry is anybody's.
        "pkg:oci/nginx",
        "pkg:docker/somebody/nginx",
        # A fork, and a repository of several products.
        "pkg:github/somebody/django",
        "pkg:github/apache/lucene-solr",
        "pkg:generic/django",
    ],
)
def test_what_only_looks_like_a_product_is_none(key: str) -> None:
    assert package_product(canonical(key).key) == ""


def test_every_alias_is_a_canonical_purl() -> None:
    assert [key for key in aliases() if canonical(key).key.casefold() != key] == []
    assert [key for key in aliases() if canonical(key).version] == []


def test_every_product_is_written_as_endoflife_date_names_it() -> None:
    odd = [
        product
        for product in aliases().values()
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", product)
    ]

    assert odd == []


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("anthropic-claude", id="claude"),
        pytest.param("ruby-on-rails", id="rails"),
        pytest.param("apache-ant", id="ant"),
        pytest.param("node", id="nodejs"),
        pytest.param("postgres", id="postgresql"),
    ],
)
def test_no_product_goes_by_a_name_that_only_redirects(name: str) -> None:
    assert name not in aliases().values()


def test_no_package_is_written_twice() -> None:
    from reviews.rules.endoflife.aliases import _pairs

    keys = [key.casefold() for key, _ in _pairs()]

    assert len(keys) == len(set(keys)) == len(aliases())


@pytest.mark.parametrize(
    ("id", "product"),
    [
        ("claude-opus-4-1-20250805", "claude"),
        ("Claude-2.1", "claude"),
        ("anthropic/claude-2.1", "claude"),
        ("us.anthropic.claude-opus-4-1-20250805-v1:0", "claude"),
        ("claude", ""),
        ("not-claude-2", ""),
        ("somebody/reclaude-2", ""),
        ("gpt-4", ""),
        ("", ""),
    ],
)
def test_a_hosted_model_is_known_by_how_its_id_begins(id: str, product: str) -> None:
    assert model_product(id) == product
