// A small stand-in for the pipeline steps of Jenkins: it runs a declarative Jenkinsfile once,
// and its `sh` really runs. What it does not know is an error, as it is in Jenkins.
//
// groovy pipeline.groovy JENKINSFILE SCENARIO.json ANSWER.json
//
// The scenario: branch, workspace, environment, credentials by name, and the answer to `input`
// ({by, parameters} or {abort: true}). The answer: result, description, and every event in order.

import groovy.json.JsonOutput
import groovy.json.JsonSlurper

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
    void agent(Object label) { }
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
    String name
    Closure steps
    WhenBlock when = new WhenBlock()
    InputBlock input
    void steps(Closure block) { steps = block }
    void when(Closure block) { fill(block, when) }
    void input(Closure block) { input = new InputBlock(); fill(block, input) }
}

class WhenBlock extends Block {
    String branch = ''
    void beforeInput(boolean yes) { assert yes }
    void branch(String name) { branch = name }
}

class InputBlock extends Block {
    Map<String, String> said = [:]
    List<String> parameters = []
    void message(String text) { said.message = text }
    void ok(String text) { said.ok = text }
    void submitter(String names) { said.submitter = names }
    void submitterParameter(String name) { said.submitterParameter = name }
    void parameters(Closure block) { fill(block, this) }
    void string(Map given) { parameters << given.name }
}

class PostBlock extends Block {
    Closure always = { }
    void always(Closure block) { always = block }
}

/** The steps, with everything they do written down. */
class Steps extends Block {
    Map<String, String> env
    Map scenario
    List events
    final currentBuild = new Expando(description: '')

    void sh(String script) {
        events << [step: 'sh', text: script]
        def file = File.createTempFile('script', '.sh')
        file.text = script
        def process = new ProcessBuilder('sh', '-xe', file.path)
        process.directory(new File(scenario.workspace)).inheritIO().environment().putAll(env)
        def status = process.start().waitFor()
        file.delete()
        if (status) { throw new Failed("script returned exit code $status") }
    }

    void junit(Map given) {
        def pattern = given.testResults
        def found = matching(new File(scenario.workspace).toPath(), pattern)
        events << [step: 'junit', text: pattern, found: found.size()]
        if (!found && !given.allowEmptyResults) { throw new Failed('no test report files were found') }
    }

    // Not Groovy's FileNameFinder: it needs Ant, which is not there with every Groovy.
    private static List matching(java.nio.file.Path root, String pattern) {
        def matcher = root.fileSystem.getPathMatcher("glob:$pattern")
        def files = []
        root.eachFileRecurse { if (matcher.matches(root.relativize(it))) { files << it } }
        files
    }

    void archiveArtifacts(Map given) { events << [step: 'archiveArtifacts', text: given.artifacts] }
    void script(Closure block) { fill(block, this) }
    boolean fileExists(String path) { new File(scenario.workspace, path).exists() }
    String readFile(String path) { new File(scenario.workspace, path).getText('UTF-8') }
    Map string(Map given) { given }

    void withCredentials(List<Map> bindings, Closure block) {
        def before = new HashMap(env)
        bindings.each { env[it.variable] = World.secret(scenario, it.credentialsId) }
        fill(block, this)
        env.clear()
        env.putAll(before)
    }
}

class World {
    static String secret(Map scenario, String name) {
        if (!(name in scenario.credentials)) { throw new Failed("no credentials '$name'") }
        scenario.credentials[name]
    }
}

def (jenkinsfile, scenarioFile, answerFile) = args.collect { new File(it) }
def scenario = new JsonSlurper().parse(scenarioFile)
def events = []
def env = new HashMap<String, String>(scenario.environment)
env.JENKINS_URL = 'https://ci.shop.example/'
env.BUILD_URL = 'https://ci.shop.example/job/auth/7/'
env.WORKSPACE = scenario.workspace
env.BRANCH_NAME = scenario.branch
def steps = new Steps(env: env, scenario: scenario, events: events)
def result = 'SUCCESS'

/** Run a part; what goes wrong in it is the result of the build, and a first one stays. */
def attempt = { Closure part ->
    try {
        part()
    } catch (Aborted problem) {
        result = 'ABORTED'
        events << [step: 'aborted', text: problem.message]
    } catch (Failed problem) {
        if (result == 'SUCCESS') { result = 'FAILURE' }
        events << [step: 'failed', text: problem.message]
    }
}

def ask = { InputBlock input, Map<String, String> told ->
    events << [step: 'input', text: input.said.message, submitter: input.said.submitter]
    if (scenario.input.abort) { throw new Aborted('rejected') }
    told[input.said.submitterParameter] = scenario.input.by
    input.parameters.each { told[it] = scenario.input.parameters[it] }
}

def run = { StageBlock stage ->
    if (stage.when.branch && stage.when.branch != scenario.branch) {
        events << [step: 'skipped', text: stage.name]
        return
    }
    events << [step: 'stage', text: stage.name]
    def before = new HashMap(env)
    if (stage.input) { ask(stage.input, env) }
    Block.fill(stage.steps, steps)
    env.clear()
    env.putAll(before)
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
new GroovyShell(binding).evaluate(jenkinsfile)
def answer = [result: result, description: steps.currentBuild.description, events: events]
answerFile.text = JsonOutput.toJson(answer)
