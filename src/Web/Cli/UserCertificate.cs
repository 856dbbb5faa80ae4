using System.CommandLine;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Auth;

namespace Webmail.Web.Cli;

/// <summary>user certificate ADDRESS add LABEL FILE | list | remove ID</summary>
internal static class UserCertificate
{
    public static Command Create(Terminal terminal)
    {
        var address = UserCredentials.Address();
        var label = UserCredentials.Label();
        var file = new Argument<string>("file") { Description = "The certificate in PEM form, of whatever issuer; its key stays with the user" };
        var add = new TaughtCommand(
            "add", "Let a user log in with a TLS client certificate (needs Webmail__Tls__ClientCertificates=true)", "user certificate ann@example.org add laptop ann.pem")
        {
            label, file,
        };
        Workbench.Run(add, terminal, async (bench, line, ct) =>
        {
            var pem = await File.ReadAllTextAsync(line.GetRequiredValue(file), ct);
            var made = await bench.Get<CredentialAdmin>().AddCertificateAsync(bench.Actor, line.GetRequiredValue(address), line.GetRequiredValue(label), pem, ct);
            return await bench.SayAsync(UserCredentials.Shown(made), $"The certificate \"{made.Label}\" ({made.Id}) is registered.");
        });
        return UserCredentials.Group(CredentialKind.ClientCertificate, "certificate", "TLS client certificates, by SASL EXTERNAL", address, add, terminal);
    }
}
