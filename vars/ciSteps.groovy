// The steps of ci-steps as words of a Jenkinsfile: ciSteps.versionCheck(). Each is one command;
// here is only what Jenkins has to do itself. What a stage has to know from an earlier one goes
// along in a stash, so stages may run on different agents.
//
// Options are those of the command: ciSteps.unitTest(timeout_seconds: 600). They become quoted
// words of the command, so that nothing in them is ever run.

void unitTest(Map options = [:]) {
    sh 'rm -rf .ci-steps' // reports and outputs of an earlier build in this workspace
    command('unit-test', '', options)
}

void versionCheck(Map options = [:]) {
    received()
    command('version-check', '', options)
}

void containerBuild(Map options = [:]) {
    received()
    command('container-build', '', options)
}

void deploy(Map options = [:], String environment) {
    // One deployment of a service to an environment at a time, whatever the branch or the build.
    lock(resource: "ci-steps ${service()} ${environment}") {
        received()
        command('deploy', environment, options)
    }
}

void integrationTest(Map options = [:], String environment) {
    received()
    command('integration-test', environment, options)
}

// Ask a person without an agent, and record who approved and why. In a stage of `agent none`.
void approve(Map given = [:], String environment) {
    Map answer = input(
        message: given.message ?: 'Bring it to production?', ok: 'Approve',
        submitter: given.submitter, submitterParameter: 'APPROVED_BY',
        parameters: [string(name: 'REASON', description: 'Why? It is recorded.')])
    node(given.label ?: '') {
        checkout scm
        received()
        Map said = [mode: 'manual', approved_by: answer.APPROVED_BY, reason: answer.REASON]
        command('integration-test', environment, said)
    }
}

// Tell owners what is waiting; what is not delivered makes the build unstable, and fails nothing.
void notifyOwners(Map options = [:]) {
    received()
    command('notify-owners', '', [strict: true] + options)
}

// Say which old lines may be switched off; no answer fails the build.
void retireCheck(Map options = [:]) {
    received()
    command('retire-check', '', options)
}

// For `post`: reports of the tests, files of all steps, name and description of the build.
void report() {
    received()
    junit testResults: '.ci-steps/reports/*.xml', allowEmptyResults: true
    archiveArtifacts artifacts: '.ci-steps/**', allowEmptyArchive: true
    if (fileExists('.ci-steps/summary.md')) {
        String said = readFile('.ci-steps/summary.md').split('\n')[0].replace('## ', '')
        currentBuild.displayName = "#${env.BUILD_NUMBER} ${said.split(':')[0]}"
        currentBuild.description = said
    }
}

private void command(String step, String environment, Map options) {
    List words = ['ci-steps', step] + options.collect { key, value -> flag(key, value) }
    words += environment ? [environment] : []
    int status = 0
    try {
        status = sh(script: words.collect { quoted(it) }.join(' '), returnStatus: true)
    } finally {
        stash name: 'ci-steps', includes: '.ci-steps/**', allowEmpty: true, useDefaultExcludes: false
    }
    if (status == 4) {
        unstable "ci-steps ${step}: done, but not every owner could be told"
    } else if (status != 0) {
        error "${words[0..1].join(" ")} ${environment}".trim() + " ended with status ${status}"
    }
}

// What earlier stages left; the first step of a build has nothing to receive.
private void received() {
    try {
        unstash 'ci-steps'
    } catch (ignored) {
        echo 'ci-steps: no earlier stage of this build has left anything'
    }
}

// The name of the job without its branch: branches of a service share its locks.
private String service() {
    List folders = env.JOB_NAME.tokenize('/')
    return (env.BRANCH_NAME ? folders[0..-2] : folders).join('/')
}

private String flag(String key, Object value) {
    String name = key.replace('_', '-')
    if (value instanceof Boolean) {
        return value ? "--${name}" : "--no-${name}"
    }
    return "--${name}=${value}"
}

private String quoted(String word) {
    return word ==~ /[\w.\/=-]+/ ? word : "'" + word.replace("'", "'\\''") + "'"
}
