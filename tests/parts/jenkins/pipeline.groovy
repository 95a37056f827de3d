// A small stand-in for the pipeline steps of Jenkins: it runs a declarative Jenkinsfile once,
// and its `sh` really runs. What it does not know is an error, as it is in Jenkins.
//
// groovy pipeline.groovy JENKINSFILE LIBRARY SCENARIO.json ANSWER.json
//
// The scenario: branch, repository, agents (folders that take turns, so that no stage finds what
// another one left), archive, environment, credentials by name, and the answer to `input` ({by,
// parameters} or {abort: true}). The answer: result, name, description, every event in order.

import groovy.io.FileType
import groovy.json.JsonOutput
import groovy.json.JsonSlurper
import java.nio.file.FileSystems
import org.codehaus.groovy.control.CompilerConfiguration

class Failed extends RuntimeException { Failed(String text) { super(text) } }
class Aborted extends RuntimeException { Aborted(String text) { super(text) } }

/** A block that only knows the words it has methods for. */
class Block {
    static void fill(Closure block, Object words) {
        block.resolveStrategy = Closure.DELEGATE_ONLY
        block.delegate = words
        block.call()
    }
}

class Credential { String name }

class PipelineBlock extends Block {
    final any = 'any', none = 'none'
    Closure options, environment, stages
    Closure post = { }
    void agent(Object label) { assert label == none : 'every stage names its own agent' }
    void options(Closure block) { options = block }
    void environment(Closure block) { environment = block }
    void stages(Closure block) { stages = block }
    void post(Closure block) { post = block }
}

class OptionsBlock extends Block {
    static final UNITS = ['SECONDS', 'MINUTES', 'HOURS', 'DAYS']
    void disableConcurrentBuilds() { }
    void timeout(Map given) { assert given.time > 0 && given.unit in UNITS }
}

class EnvironmentBlock extends Block {
    Map<String, Object> found = [:]
    Credential credentials(String name) { new Credential(name: name) }
    void setProperty(String name, Object value) { found[name] = value }
}

class StagesBlock extends Block {
    List found = []
    void stage(String name, Closure block) {
        def stage = new StageBlock(name: name)
        fill(block, stage)
        assert stage.steps : "stage $name has no steps"
        found << stage
    }
}

class StageBlock extends Block {
    final any = 'any'
    String name, label = ''
    Closure steps
    WhenBlock when = new WhenBlock()
    void agent(Object given) { label = given }
    void steps(Closure block) { steps = block }
    void when(Closure block) { fill(block, when) }
}

class WhenBlock extends Block {
    String branch = ''
    void branch(String name) { branch = name }
}

class PostBlock extends Block {
    Closure always = { }
    void always(Closure block) { always = block }
}

/** A script of a shared library: what it does not know itself is a step or a variable. */
abstract class LibraryScript extends Script {
    Object methodMissing(String name, Object arguments) {
        binding.getVariable('steps').invokeMethod(name, arguments)
    }
}

/** The steps, with everything they do written down. */
class Steps extends Block {
    Map<String, String> env
    Map scenario
    List events
    Object ciSteps
    String result = 'SUCCESS'
    final scm = 'scm'
    final currentBuild = new Expando(description: '', displayName: '')
    private int agents = 0
    private File workspace
    private final Map<String, Map<String, byte[]>> stashes = [:]

    void node(String label, Closure block) {
        def before = workspace
        workspace = new File(scenario.agents[agents++ % scenario.agents.size()] as String)
        env.WORKSPACE = workspace.path
        workspace.mkdirs()
        call(block)
        workspace = before
    }

    void checkout(String what) {
        assert what == scm
        if (!new File(workspace, '.git').exists()) {
            assert ['git', 'clone', '--quiet', scenario.repository, workspace.path].execute().waitFor() == 0
        }
    }

    Object sh(Map given) {
        events << [step: 'sh', text: given.script as String]
        assert workspace : 'sh needs an agent'
        def file = File.createTempFile('script', '.sh')
        file.text = given.script
        def process = new ProcessBuilder('sh', '-xe', file.path)
        process.directory(workspace).inheritIO().environment().putAll(env)
        def status = process.start().waitFor()
        file.delete()
        if (given.returnStatus) { return status }
        if (status) { throw new Failed("script returned exit code $status") }
        null
    }

    void sh(String script) { sh(script: script) }
    void error(String text) { throw new Failed(text) }
    void echo(String text) { println text }

    void unstable(String text) {
        events << [step: 'unstable', text: text]
        if (result == 'SUCCESS') { result = 'UNSTABLE' }
    }

    void lock(Map given, Closure block) {
        events << [step: 'lock', text: given.resource as String]
        call(block)
    }

    Map input(Map given) {
        assert !workspace : 'nobody waits for people on an agent'
        events << [step: 'input', text: given.message, submitter: given.submitter]
        if (scenario.input.abort) { throw new Aborted('rejected') }
        def typed = given.parameters.collectEntries { [it.name, scenario.input.parameters[it.name]] }
        typed + [(given.submitterParameter): scenario.input.by]
    }

    void stash(Map given) {
        stashes[given.name] = files(given.includes).collectEntries { [it, new File(workspace, it).bytes] }
        assert stashes[given.name] || given.allowEmpty
    }

    void unstash(String name) {
        if (!(name in stashes)) { throw new Failed("No such saved stash '$name'") }
        stashes[name].each { path, content -> put(new File(workspace, path), content) }
    }

    void junit(Map given) {
        def found = files(given.testResults)
        events << [step: 'junit', text: given.testResults, found: found.size()]
        if (!found && !given.allowEmptyResults) { throw new Failed('no test report files were found') }
    }

    void archiveArtifacts(Map given) {
        events << [step: 'archiveArtifacts', text: given.artifacts]
        files(given.artifacts).each {
            put(new File(scenario.archive as String, it), new File(workspace, it).bytes)
        }
    }

    void script(Closure block) { fill(block, this) }
    boolean fileExists(String path) { new File(workspace, path).exists() }
    String readFile(String path) { new File(workspace, path).getText('UTF-8') }
    Map string(Map given) { given }

    void withCredentials(List<Map> bindings, Closure block) {
        def before = new HashMap(env)
        bindings.each { env[it.variable] = World.secret(scenario, it.credentialsId) }
        call(block)
        env.clear()
        env.putAll(before)
    }

    /** A block of a library knows its own words; one of a Jenkinsfile knows only steps. */
    private void call(Closure block) {
        if (block.thisObject instanceof LibraryScript) { block.call() } else { fill(block, this) }
    }

    private List<String> files(Object pattern) {
        def matcher = FileSystems.default.getPathMatcher("glob:$pattern")
        def root = workspace.toPath(), found = []
        workspace.eachFileRecurse(FileType.FILES) { found << root.relativize(it.toPath()) }
        found.findAll { matcher.matches(it) }.collect { it as String }.sort()
    }

    private static void put(File file, byte[] content) {
        file.parentFile.mkdirs()
        file.bytes = content
    }
}

class World {
    static String secret(Map scenario, String name) {
        if (!(name in scenario.credentials)) { throw new Failed("no credentials '$name'") }
        scenario.credentials[name]
    }
}

def (jenkinsfile, libraryFile, scenarioFile, answerFile) = args.collect { new File(it) }
def scenario = new JsonSlurper().parse(scenarioFile)
def events = []
def env = new HashMap<String, String>(scenario.environment)
env.JENKINS_URL = 'https://ci.shop.example/'
env.BUILD_URL = 'https://ci.shop.example/job/auth/7/'
env.BUILD_NUMBER = '7'
env.JOB_NAME = "auth/${URLEncoder.encode(scenario.branch, 'UTF-8')}".toString()
env.BRANCH_NAME = scenario.branch
def steps = new Steps(env: env, scenario: scenario, events: events)

def words = new Binding(steps: steps, env: env, scm: steps.scm, currentBuild: steps.currentBuild)
def scripts = new CompilerConfiguration(scriptBaseClass: LibraryScript.name)
steps.ciSteps = new GroovyShell(LibraryScript.classLoader, words, scripts).parse(libraryFile)

/** Run a part; what goes wrong in it is the result of the build, and a first one stays. */
def attempt = { Closure part ->
    try {
        part()
    } catch (Aborted problem) {
        steps.result = 'ABORTED'
        events << [step: 'aborted', text: problem.message]
    } catch (Failed problem) {
        if (steps.result in ['SUCCESS', 'UNSTABLE']) { steps.result = 'FAILURE' }
        events << [step: 'failed', text: problem.message]
    }
}

def run = { StageBlock stage ->
    if (stage.when.branch && stage.when.branch != scenario.branch) {
        events << [step: 'skipped', text: stage.name]
        return
    }
    events << [step: 'stage', text: stage.name]
    if (stage.label) {
        steps.node(stage.label) { steps.checkout(steps.scm); Block.fill(stage.steps, steps) }
    } else {
        Block.fill(stage.steps, steps)
    }
}

def binding = new Binding()
binding.setVariable('pipeline', { Closure block ->
    def pipeline = new PipelineBlock(), variables = new EnvironmentBlock()
    def stages = new StagesBlock(), post = new PostBlock()
    Block.fill(block, pipeline)
    Block.fill(pipeline.options, new OptionsBlock())
    Block.fill(pipeline.environment, variables)
    Block.fill(pipeline.stages, stages)
    Block.fill(pipeline.post, post)
    attempt {
        variables.found.each { name, value ->
            env[name] = value instanceof Credential ? World.secret(scenario, value.name) : value
        }
        stages.found.each { run(it) }
    }
    attempt { Block.fill(post.always, steps) }
})
def text = jenkinsfile.text
assert text.contains("@Library('ci-steps') _")
new GroovyShell(binding).evaluate(text.replace("@Library('ci-steps') _", ''))
def answer = [
    result: steps.result, name: steps.currentBuild.displayName,
    description: steps.currentBuild.description, events: events,
]
answerFile.text = JsonOutput.toJson(answer)
