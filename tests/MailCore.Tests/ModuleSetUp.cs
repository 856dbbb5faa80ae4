using System.Runtime.CompilerServices;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Tests;

internal static class ModuleSetUp
{
    /// <summary>MailCore's own set-up (code pages) comes before a test that uses MimeKit alone, as it does in the product.</summary>
    [ModuleInitializer]
    internal static void Run() => RuntimeHelpers.RunModuleConstructor(typeof(Uid).Module.ModuleHandle);
}
