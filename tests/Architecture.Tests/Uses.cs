using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Webmail.Architecture.Tests;

/// <summary>What the code of an assembly really uses: for each type with code, the types that its members, signatures and bodies name.</summary>
internal static class Uses
{
    public static IEnumerable<(string User, string Used)> Of(string assemblyPath)
    {
        using var module = ModuleDefinition.ReadModule(assemblyPath);
        var all = new HashSet<(string, string)>();
        foreach (var type in module.GetTypes())
        {
            var user = NamespaceOf(type) + "|" + Outermost(type).Name;
            foreach (var used in ReferencesOf(type))
            {
                if (NamespaceOf(used) is { Length: > 0 } space)
                    all.Add((user, space + "|" + Outermost(used).Name));
            }
        }

        return all;
    }

    private static IEnumerable<TypeReference> ReferencesOf(TypeDefinition type)
    {
        if (type.BaseType is { } parent)
            yield return parent;
        foreach (var face in type.Interfaces)
            yield return face.InterfaceType;
        foreach (var field in type.Fields)
            yield return field.FieldType;
        foreach (var method in type.Methods)
        {
            yield return method.ReturnType;
            foreach (var parameter in method.Parameters)
                yield return parameter.ParameterType;
            if (!method.HasBody)
                continue;
            foreach (var variable in method.Body.Variables)
                yield return variable.VariableType;
            foreach (var instruction in method.Body.Instructions)
            {
                foreach (var used in Operand(instruction))
                    yield return used;
            }
        }
    }

    private static IEnumerable<TypeReference> Operand(Instruction instruction) => instruction.Operand switch
    {
        TypeReference type => [type],
        MethodReference method => [method.DeclaringType, method.ReturnType],
        FieldReference field => [field.DeclaringType, field.FieldType],
        _ => [],
    };

    private static TypeReference Outermost(TypeReference type)
    {
        type = type.GetElementType();
        while (type.DeclaringType is { } outer)
            type = outer;
        return type;
    }

    private static string NamespaceOf(TypeReference type) => type is GenericParameter ? "" : Outermost(type).Namespace;
}
