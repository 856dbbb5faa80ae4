namespace Webmail.EndToEnd.Operations;

/// <summary>A wrong value stops the start with one line that names the key and the mend.</summary>
public sealed class ConfigurationTests
{
    [Theory]
    [InlineData("Webmail__Listeners__Imap", "127.0.0.1:99999")]
    [InlineData("Webmail__Listeners__Smtp", "203.0.113.7:25")]
    [InlineData("Webmail__Networks__Trusted", "10.0.0.0/99")]
    [InlineData("Webmail__Hostname", "not a name")]
    [InlineData("Webmail__Limits__MessageSize", "huge")]
    [InlineData("Webmail__Tls__CertificatePath", "/nowhere/cert.pem")]
    [InlineData("Webmail__Outbound__Routes", "example.org")]
    [InlineData("ConnectionStrings__Webmail", "nonsense")]
    public async Task A_wrong_value_is_named_in_one_line(string key, string value)
    {
        await using var server = ServerProcess.Launch(new ServerOptions
        {
            Environment = new Dictionary<string, string>(StringComparer.Ordinal) { [key] = value },
        });
        Assert.Equal(78, await server.WaitForExitAsync());
        var line = Assert.Single(server.ErrorOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries), l => !l.Contains(" info: ", StringComparison.Ordinal));
        Assert.StartsWith(key + ": ", line, StringComparison.Ordinal);
        Assert.Equal("", server.Output);
    }
}
