"""
Which packages of the language registries are which endoflife.date products.

The curated table alone, a product and the purls (without "pkg:") whose release cycles
are the product's. How it is read, and what may stand in it, says
`rules.endoflife.aliases`.

Source: about half of the purls are those that endoflife.date itself lists with its
products (MIT, Copyright (c) 2020 endoflife.date contributors); the others are curated.
"""

PYTHON_PACKAGES = {
    "amazon-cdk": "pypi/aws-cdk-lib",
    "ansible": "pypi/ansible",
    "ansible-core": "pypi/ansible-core pypi/ansible-base",
    "apache-airflow": "pypi/apache-airflow pypi/apache-airflow-core",
    "apache-flink": "pypi/apache-flink",
    "apache-spark": "pypi/pyspark",
    "dbt-core": "pypi/dbt-core",
    "django": "pypi/django",
    "duckdb": "pypi/duckdb",
    "numpy": "pypi/numpy",
    "plone": "pypi/plone pypi/products-cmfplone",
    "salt": "pypi/salt",
    "thumbor": "pypi/thumbor",
    "wagtail": "pypi/wagtail",
}

JAVASCRIPT_PACKAGES = {
    "adonisjs": "npm/%40adonisjs/core",
    # Not aws-cdk, the command, which counts its versions for itself since 2025.
    "amazon-cdk": "npm/aws-cdk-lib",
    # The parts of the framework have one version; Material and the CDK are not parts.
    "angular": """
        npm/%40angular/animations npm/%40angular/cli npm/%40angular/common
        npm/%40angular/compiler npm/%40angular/compiler-cli npm/%40angular/core
        npm/%40angular/forms npm/%40angular/localize npm/%40angular/platform-browser
        npm/%40angular/platform-browser-dynamic npm/%40angular/platform-server
        npm/%40angular/router npm/%40angular/service-worker
    """,
    "angularjs": "npm/angular",
    "bootstrap": "npm/bootstrap",
    "bun": "npm/bun",
    "ckeditor": "npm/ckeditor4",
    "deno": "npm/deno",
    "electron": "npm/electron",
    "emberjs": "npm/ember-source",
    "eslint": "npm/eslint",
    "express": "npm/express",
    # Not fontawesome-svg-core, which was 1.2 while Font Awesome was 5.
    "font-awesome": "npm/%40fortawesome/fontawesome-free npm/font-awesome",
    "grunt": "npm/grunt",
    "ionic": "npm/%40ionic/angular npm/%40ionic/core npm/%40ionic/react npm/%40ionic/vue",
    "jhipster": "npm/generator-jhipster",
    "jquery": "npm/jquery",
    "jquery-ui": "npm/jquery-ui",
    "nextjs": "npm/next",
    "nodejs": "npm/node",
    "nuxt": "npm/nuxt",
    "pnpm": "npm/pnpm",
    "protractor": "npm/protractor",
    "quasar": "npm/quasar",
    "react": "npm/react npm/react-dom",
    "react-native": "npm/react-native",
    "renovate": "npm/renovate",
    "strapi": "npm/%40strapi/strapi npm/strapi",
    "svelte": "npm/svelte",
    "tailwind-css": "npm/tailwindcss",
    "tarteaucitron": "npm/tarteaucitronjs",
    "vue": """
        npm/%40vue/compiler-sfc npm/%40vue/runtime-dom npm/%40vue/server-renderer npm/vue
    """,
    "vuetify": "npm/vuetify",
    "yarn": "npm/%40yarnpkg/cli npm/yarn",
}

JAVA_PACKAGES = {
    "amazon-cdk": "maven/software.amazon.awscdk/aws-cdk-lib",
    "ant": "maven/org.apache.ant/ant",
    "apache-activemq": """
        maven/org.apache.activemq/activemq-all maven/org.apache.activemq/activemq-broker
    """,
    "apache-artemis": """
        maven/org.apache.activemq/artemis-server maven/org.apache.artemis/artemis-server
    """,
    "apache-camel": "maven/org.apache.camel/camel maven/org.apache.camel/camel-core",
    "apache-cassandra": """
        maven/org.apache.cassandra/apache-cassandra
        maven/org.apache.cassandra/cassandra-all
    """,
    "apache-flink": """
        maven/org.apache.flink/flink-core maven/org.apache.flink/flink-java
        maven/org.apache.flink/flink-runtime maven/org.apache.flink/flink-streaming-java
    """,
    "apache-groovy": """
        maven/org.apache.groovy/groovy maven/org.codehaus.groovy/groovy
        maven/org.codehaus.groovy/groovy-all
    """,
    "apache-hadoop": """
        maven/org.apache.hadoop/hadoop-common maven/org.apache.hadoop/hadoop-core
    """,
    "apache-kafka": """
        maven/org.apache.kafka/kafka_2.11 maven/org.apache.kafka/kafka_2.12
        maven/org.apache.kafka/kafka_2.13
    """,
    "apache-lucene": "maven/org.apache.lucene/lucene-core",
    "apache-maven": "maven/org.apache.maven/apache-maven maven/org.apache.maven/maven",
    "apache-nifi": "maven/org.apache.nifi/nifi",
    "apache-spark": """
        maven/org.apache.spark/spark-core_2.11 maven/org.apache.spark/spark-core_2.12
        maven/org.apache.spark/spark-core_2.13 maven/org.apache.spark/spark-sql_2.11
        maven/org.apache.spark/spark-sql_2.12 maven/org.apache.spark/spark-sql_2.13
    """,
    "apache-struts": "maven/org.apache.struts/struts2-core",
    "dropwizard": "maven/io.dropwizard/dropwizard-core",
    "duckdb": "maven/org.duckdb/duckdb_jdbc",
    "eclipse-jetty": "maven/org.eclipse.jetty/jetty-server",
    "elasticsearch": "maven/org.elasticsearch/elasticsearch",
    "grails": "maven/org.apache.grails/grails maven/org.grails/grails-core",
    "hbase": "maven/org.apache.hbase/hbase-server",
    "hibernate-orm": """
        maven/org.hibernate.orm/hibernate-core maven/org.hibernate/hibernate-core
    """,
    "jenkins": "maven/org.jenkins-ci.main/jenkins-war",
    "jquery": "maven/org.webjars/jquery",
    "jquery-ui": "maven/org.webjars/jquery-ui",
    "jreleaser": "maven/org.jreleaser/jreleaser maven/org.jreleaser/jreleaser-maven-plugin",
    "jruby": """
        maven/org.jruby/jruby maven/org.jruby/jruby-complete maven/org.jruby/jruby-core
    """,
    "keycloak": "maven/org.keycloak/keycloak-services",
    "kotlin": """
        maven/org.jetbrains.kotlin/kotlin-compiler
        maven/org.jetbrains.kotlin/kotlin-gradle-plugin
        maven/org.jetbrains.kotlin/kotlin-maven-plugin
        maven/org.jetbrains.kotlin/kotlin-reflect
        maven/org.jetbrains.kotlin/kotlin-stdlib
        maven/org.jetbrains.kotlin/kotlin-stdlib-jdk8
    """,
    "liquibase": "maven/org.liquibase/liquibase-core",
    "log4j": """
        maven/log4j/log4j maven/org.apache.logging.log4j/log4j-api
        maven/org.apache.logging.log4j/log4j-core
    """,
    "micronaut": "maven/io.micronaut/micronaut-core maven/io.micronaut/micronaut-inject",
    "neo4j": "maven/org.neo4j/neo4j",
    "opensearch": "maven/org.opensearch/opensearch",
    "quarkus-framework": """
        maven/io.quarkus.platform/quarkus-bom maven/io.quarkus/quarkus-bom
        maven/io.quarkus/quarkus-core
    """,
    "scala": """
        maven/org.scala-lang/scala-compiler maven/org.scala-lang/scala-library
        maven/org.scala-lang/scala3-compiler_3 maven/org.scala-lang/scala3-library_3
    """,
    "solr": "maven/org.apache.solr/solr-core",
    "spring-boot": """
        maven/org.springframework.boot/spring-boot
        maven/org.springframework.boot/spring-boot-actuator-autoconfigure
        maven/org.springframework.boot/spring-boot-autoconfigure
        maven/org.springframework.boot/spring-boot-dependencies
        maven/org.springframework.boot/spring-boot-maven-plugin
        maven/org.springframework.boot/spring-boot-starter
        maven/org.springframework.boot/spring-boot-starter-actuator
        maven/org.springframework.boot/spring-boot-starter-amqp
        maven/org.springframework.boot/spring-boot-starter-aop
        maven/org.springframework.boot/spring-boot-starter-batch
        maven/org.springframework.boot/spring-boot-starter-data-jpa
        maven/org.springframework.boot/spring-boot-starter-data-mongodb
        maven/org.springframework.boot/spring-boot-starter-jdbc
        maven/org.springframework.boot/spring-boot-starter-log4j2
        maven/org.springframework.boot/spring-boot-starter-logging
        maven/org.springframework.boot/spring-boot-starter-parent
        maven/org.springframework.boot/spring-boot-starter-security
        maven/org.springframework.boot/spring-boot-starter-test
        maven/org.springframework.boot/spring-boot-starter-thymeleaf
        maven/org.springframework.boot/spring-boot-starter-tomcat
        maven/org.springframework.boot/spring-boot-starter-undertow
        maven/org.springframework.boot/spring-boot-starter-validation
        maven/org.springframework.boot/spring-boot-starter-web
        maven/org.springframework.boot/spring-boot-starter-webflux
        maven/org.springframework.boot/spring-boot-starter-websocket
    """,
    # Its cycles are the release trains ("2025.0"); the parts count for themselves.
    "spring-cloud": "maven/org.springframework.cloud/spring-cloud-dependencies",
    "spring-framework": """
        maven/org.springframework/spring-aop maven/org.springframework/spring-beans
        maven/org.springframework/spring-context maven/org.springframework/spring-core
        maven/org.springframework/spring-expression
        maven/org.springframework/spring-jdbc maven/org.springframework/spring-jms
        maven/org.springframework/spring-messaging maven/org.springframework/spring-orm
        maven/org.springframework/spring-oxm maven/org.springframework/spring-test
        maven/org.springframework/spring-tx maven/org.springframework/spring-web
        maven/org.springframework/spring-webflux maven/org.springframework/spring-webmvc
        maven/org.springframework/spring-websocket
    """,
    "spring-security": """
        maven/org.springframework.security/spring-security-config
        maven/org.springframework.security/spring-security-core
        maven/org.springframework.security/spring-security-oauth2-client
        maven/org.springframework.security/spring-security-oauth2-core
        maven/org.springframework.security/spring-security-web
    """,
    "tomcat": """
        maven/org.apache.tomcat.embed/tomcat-embed-core maven/org.apache.tomcat/tomcat
        maven/org.apache.tomcat/tomcat-catalina
    """,
    "zookeeper": "maven/org.apache.zookeeper/zookeeper",
}

PHP_PACKAGES = {
    "akeneo-pim": "composer/akeneo/pim-community-dev",
    "api-platform": "composer/api-platform/core",
    "behat": "composer/behat/behat",
    "bootstrap": "composer/twbs/bootstrap",
    "cachet": "composer/cachethq/cachet",
    "cakephp": "composer/cakephp/cakephp",
    "composer": "composer/composer/composer",
    "concrete-cms": "composer/concrete5/core",
    "contao": """
        composer/contao/contao composer/contao/core-bundle composer/contao/manager-bundle
    """,
    "craft-cms": "composer/craftcms/cms",
    "drupal": "composer/drupal/core composer/drupal/core-recommended composer/drupal/drupal",
    "drush": "composer/drush/drush",
    "grumphp": "composer/phpro/grumphp",
    "guzzle": "composer/guzzlehttp/guzzle",
    "kirby": "composer/getkirby/cms",
    "laravel": """
        composer/illuminate/console composer/illuminate/database
        composer/illuminate/http composer/illuminate/support composer/laravel/framework
    """,
    "magento": """
        composer/magento/product-community-edition
        composer/magento/project-community-edition
    """,
    "neos": "composer/neos/neos",
    "phpmyadmin": "composer/phpmyadmin/phpmyadmin",
    "robo": "composer/consolidation/robo",
    "roundcube": "composer/roundcube/roundcubemail",
    "shopware": """
        composer/shopware/core composer/shopware/platform composer/shopware/shopware
    """,
    "silverstripe": "composer/silverstripe/cms composer/silverstripe/installer",
    "statamic": "composer/statamic/cms",
    # The components of one version; contracts, polyfills and flex count for themselves.
    "symfony": """
        composer/symfony/cache composer/symfony/config composer/symfony/console
        composer/symfony/dependency-injection composer/symfony/dotenv
        composer/symfony/event-dispatcher composer/symfony/filesystem
        composer/symfony/finder composer/symfony/form composer/symfony/framework-bundle
        composer/symfony/http-client composer/symfony/http-foundation
        composer/symfony/http-kernel composer/symfony/mailer composer/symfony/messenger
        composer/symfony/process composer/symfony/routing
        composer/symfony/security-bundle composer/symfony/serializer
        composer/symfony/symfony composer/symfony/translation
        composer/symfony/twig-bundle composer/symfony/validator composer/symfony/yaml
    """,
    "twig": "composer/twig/twig",
    "typo3": "composer/typo3/cms composer/typo3/cms-core composer/typo3/minimal",
    "wordpress": """
        composer/johnpbloch/wordpress composer/johnpbloch/wordpress-core
        composer/roots/wordpress composer/roots/wordpress-no-content
    """,
}

OTHER_PACKAGES = {
    "amazon-cdk": "golang/github.com/aws/aws-cdk-go/awscdk/v2 nuget/Amazon.CDK.Lib",
    "bootstrap": "gem/bootstrap nuget/bootstrap",
    "caddy": "golang/github.com/caddyserver/caddy/v2",
    "chef-infra-client": "gem/chef",
    "chef-inspec": "gem/inspec gem/inspec-core",
    "consul": "golang/github.com/hashicorp/consul",
    "containerd": """
        golang/github.com/containerd/containerd golang/github.com/containerd/containerd/v2
    """,
    "deno": "cargo/deno",
    "dotnet": """
        nuget/Microsoft.AspNetCore.App.Ref nuget/Microsoft.AspNetCore.App.Runtime.linux-x64
        nuget/Microsoft.AspNetCore.App.Runtime.win-x64 nuget/Microsoft.NETCore.App
        nuget/Microsoft.NETCore.App.Ref nuget/Microsoft.NETCore.App.Runtime.linux-arm
        nuget/Microsoft.NETCore.App.Runtime.linux-arm64
        nuget/Microsoft.NETCore.App.Runtime.linux-musl-arm64
        nuget/Microsoft.NETCore.App.Runtime.linux-musl-x64
        nuget/Microsoft.NETCore.App.Runtime.linux-x64
        nuget/Microsoft.NETCore.App.Runtime.osx-arm64
        nuget/Microsoft.NETCore.App.Runtime.osx-x64
        nuget/Microsoft.NETCore.App.Runtime.win-arm64
        nuget/Microsoft.NETCore.App.Runtime.win-x64
        nuget/Microsoft.NETCore.App.Runtime.win-x86
    """,
    "etcd": "golang/go.etcd.io/etcd/server/v3",
    "gorilla": """
        golang/github.com/gorilla/context golang/github.com/gorilla/csrf
        golang/github.com/gorilla/handlers golang/github.com/gorilla/mux
        golang/github.com/gorilla/rpc golang/github.com/gorilla/schema
        golang/github.com/gorilla/securecookie golang/github.com/gorilla/sessions
        golang/github.com/gorilla/websocket
    """,
    "jekyll": "gem/jekyll",
    "jquery": "nuget/jQuery",
    "jquery-ui": "nuget/jQuery.UI.Combined",
    "kubernetes": "golang/k8s.io/kubernetes",
    "phoenix-framework": "hex/phoenix",
    "puppet": "gem/puppet",
    "rails": """
        gem/actioncable gem/actionmailbox gem/actionmailer gem/actionpack gem/actiontext
        gem/actionview gem/activejob gem/activemodel gem/activerecord gem/activestorage
        gem/activesupport gem/rails gem/railties
    """,
    "umbraco": "nuget/Umbraco.Cms nuget/Umbraco.Cms.Core nuget/UmbracoCms",
}
